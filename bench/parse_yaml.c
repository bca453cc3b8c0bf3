/* What reading other people's JSON is measured against: libyaml's events of the files that standard input names, one a line, and nothing made of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static char *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        exit(1);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size)
        exit(1);
    fclose(file);
    return bytes;
}

int main(void)
{
    char path[4096];
    unsigned long long events = 0;
    while (fgets(path, sizeof path, stdin)) {
        path[strcspn(path, "\n")] = '\0';
        size_t size;
        char *bytes = read_whole(path, &size);
        yaml_parser_t parser;
        yaml_event_t event;
        int is_last = 0;
        yaml_parser_initialize(&parser);
        yaml_parser_set_input_string(&parser, (unsigned char *)bytes, size);
        while (!is_last && yaml_parser_parse(&parser, &event)) {
            is_last = event.type == YAML_STREAM_END_EVENT;
            events++;
            yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
        free(bytes);
        if (!is_last)
            return 1;
    }
    printf("%llu events\n", events);
    return 0;
}
