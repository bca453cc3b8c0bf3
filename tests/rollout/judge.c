/* Judges conditions for tests/rollout/check_judging.py.
     judge ROLLOUT.json
   Each line of standard input is {"now": T, "since": T, "before": [judgement…], "series": [[[at, value]…]…]}; the answer is a line with the judgement
   of each condition, as a number. */
#include "base/file.h"
#include "rollout/condition.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn static void stop(Text reason)
{
    fprintf(stderr, "judge: %.*s\n", TEXT_ARG(reason));
    exit(1);
}

static const ReadJson *parse(Arena *arena, Text text)
{
    ReadJsonError error = {0};
    const ReadJson *json = json_read(arena, text, &error);
    if (!json)
        stop(error.reason);
    return json;
}

static int64_t number_at(const ReadJson *list, size_t index)
{
    return list->items.items[index]->number.num;
}

static Series *read_series(Arena *arena, const ReadJson *list)
{
    Series *series = ARENA_NEW_ARRAY(arena, Series, list->items.count);
    for (size_t i = 0; i < list->items.count; i++) {
        const ReadJson *points = list->items.items[i];
        SeriesPoint *copy = ARENA_NEW_ARRAY(arena, SeriesPoint, points->items.count);
        for (size_t j = 0; j < points->items.count; j++)
            copy[j] = (SeriesPoint){number_at(points->items.items[j], 0), points->items.items[j]->items.items[1]->number};
        series[i] = (Series){copy, points->items.count};
    }
    return series;
}

int main(int argc, char **argv)
{
    Arena arena = {0};
    Policy policy;
    Text text;
    Text error;
    char *line = NULL;
    size_t room = 0;
    if (argc != 2 || !file_read(&arena, text_from_c(argv[1]), 64 << 20, &text, &error))
        stop(TEXT("it takes a rollout.json that can be read"));
    if (!policy_read(&arena, json_from_read(&arena, parse(&arena, text)), &policy, &error))
        stop(error);
    for (ssize_t length = getline(&line, &room, stdin); length > 0; length = getline(&line, &room, stdin)) {
        Arena scratch = {0};
        const ReadJson *json = parse(&scratch, (Text){line, (size_t)length});
        const Series *series = read_series(&scratch, json_read_member(json, "series"));
        const ReadJson *before = json_read_member(json, "before");
        for (int i = 0; i < policy.condition_count; i++) {
            ConditionView view = condition_judge(&policy.conditions[i], series, json_read_member(json, "since")->number.num, json_read_member(json, "now")->number.num,
                                                 (Judgement)number_at(before, (size_t)i));
            printf("%s%d", i ? " " : "", (int)view.judgement);
        }
        printf("\n");
        fflush(stdout);
        arena_free(&scratch);
    }
    free(line);
    arena_free(&arena);
    return 0;
}
