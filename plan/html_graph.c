/* The plan's resources as a drawing: columns by kind, a line from what refers to what is referred to. */
#include "plan/html.h"

#include "base/xml.h"

enum { BOX_WIDTH = 152, BOX_HEIGHT = 34, COLUMN_STEP = 196, ROW_STEP = 46, MARGIN = 14, HEAD = 34, LABEL_CHARACTERS = 21, BOXES_MAX = 400 };

static const char *const columns[] = {"way in", "targets", "runs", "tasks", "uses", "network", "watches"};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

static size_t column_of(ResourceKind kind)
{
    switch (kind) {
    case RESOURCE_LOAD_BALANCER:
    case RESOURCE_LISTENER:
    case RESOURCE_LISTENER_RULE: return 0;
    case RESOURCE_TARGET_GROUP: return 1;
    case RESOURCE_CLUSTER:
    case RESOURCE_SERVICE:
    case RESOURCE_TASK_RUN:
    case RESOURCE_SCALABLE_TARGET:
    case RESOURCE_SCALING_POLICY:
    case RESOURCE_SCHEDULED_ACTION:
    case RESOURCE_SCHEDULE:
    case RESOURCE_ROLLOUT: return 2;
    case RESOURCE_TASK_DEFINITION: return 3;
    case RESOURCE_ROLE:
    case RESOURCE_LOG_GROUP:
    case RESOURCE_METRIC_FILTER: return 4;
    case RESOURCE_SECURITY_GROUP:
    case RESOURCE_SECURITY_GROUP_RULE:
    case RESOURCE_SECURITY_GROUP_EGRESS: return 5;
    case RESOURCE_ALARM:
    case RESOURCE_DASHBOARD:
    case RESOURCE_PARAMETER:
    case RESOURCE_KIND_COUNT: break;
    }
    return COLUMN_COUNT - 1;
}

typedef struct Box {
    const PlanItem *item;
    size_t number; /* of the item */
    size_t column;
    size_t x, y;
} Box;

typedef ARRAY(Box) BoxArray;

static const Box *find_box(const BoxArray *boxes, Text id)
{
    for (size_t i = 0; i < boxes->count; i++)
        if (text_equal(boxes->items[i].item->id, id))
            return &boxes->items[i];
    return NULL;
}

typedef ARRAY(const Box *) TargetArray;

static void add_target(Arena *arena, const Box *box, TargetArray *out)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i] == box)
            return;
    ARRAY_PUSH(arena, out, box);
}

/* The boxes that the document refers to, each once. */
static void find_targets(Arena *arena, const BoxArray *boxes, const Json *json, TargetArray *out)
{
    const Box *box = json->kind == JSON_REFERENCE ? find_box(boxes, json->reference->resource) : NULL;
    if (box)
        add_target(arena, box, out);
    if (json->kind == JSON_EMBEDDED)
        find_targets(arena, boxes, json->embedded, out);
    for (size_t i = 0; (json->kind == JSON_ARRAY || json->kind == JSON_JOINED) && i < json->items.count; i++)
        find_targets(arena, boxes, json->items.items[i], out);
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->members.count; i++)
        find_targets(arena, boxes, json->members.items[i].value, out);
}

/* A cluster is said by its name. */
static void find_cluster(Arena *arena, const BoxArray *boxes, const Box *box, TargetArray *out)
{
    const Json *cluster = json_get_c(json_get_c(box->item->desired, resource_facts(box->item->kind)->operation), "cluster");
    for (size_t i = 0; cluster && cluster->kind == JSON_TEXT && i < boxes->count; i++)
        if (boxes->items[i].item->kind == RESOURCE_CLUSTER && text_equal(boxes->items[i].item->name, cluster->text))
            add_target(arena, &boxes->items[i], out);
}

/* All resources; only those that change where all would be too many. */
static void choose_boxes(const Plan *plan, BoxArray *out)
{
    bool has_room = plan->items.count <= BOXES_MAX;
    for (size_t i = 0; i < plan->items.count; i++) {
        const PlanItem *item = plan->items.items[i];
        if (!has_room && item->action == PLAN_UNCHANGED)
            continue;
        Box box = {.item = item, .number = i, .column = column_of(item->kind)};
        ARRAY_PUSH(plan->arena, out, box);
    }
}

/* Columns that have nothing are left out. Returns the height. */
static size_t place_boxes(BoxArray *boxes, size_t *width, size_t *places)
{
    size_t counts[COLUMN_COUNT] = {0};
    size_t highest = 0;
    for (size_t i = 0; i < boxes->count; i++) {
        Box *box = &boxes->items[i];
        box->y = HEAD + counts[box->column]++ * ROW_STEP;
        highest = box->y > highest ? box->y : highest;
    }
    *width = MARGIN;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        places[i] = counts[i] ? *width : 0;
        *width += counts[i] ? COLUMN_STEP : 0;
    }
    for (size_t i = 0; i < boxes->count; i++)
        boxes->items[i].x = places[boxes->items[i].column];
    *width = *width + MARGIN + BOX_WIDTH - COLUMN_STEP;
    return highest + BOX_HEIGHT + MARGIN;
}

static void add_edge(Buffer *out, const Box *from, const Box *to)
{
    bool is_faint = from->column == COLUMN_COUNT - 1; /* alarms and dashboards look at everything */
    size_t from_y = from->y + BOX_HEIGHT / 2;
    size_t to_y = to->y + BOX_HEIGHT / 2;
    size_t from_x = from->x < to->x ? from->x + BOX_WIDTH : from->x;
    size_t to_x = from->x > to->x || from->x == to->x ? to->x + BOX_WIDTH : to->x;
    if (from->x == to->x)
        from_x = from->x + BOX_WIDTH;
    size_t reach = from->x == to->x ? 34 : 40;
    size_t first = from->x <= to->x ? from_x + reach : from_x - reach;
    size_t second = from->x >= to->x ? to_x + reach : to_x - reach;
    buffer_add_format(out, "<path%s d=\"M%zu %zuC%zu %zu %zu %zu %zu %zu\"/>\n", is_faint ? " class=\"faint\"" : "", from_x, from_y, first, from_y, second,
                      to_y, to_x, to_y);
}

static Text cut_label(Arena *arena, Text text)
{
    size_t end = 0;
    size_t characters = 0;
    while (end < text.len && characters < LABEL_CHARACTERS) {
        end++;
        while (end < text.len && ((unsigned char)text.ptr[end] & 0xC0) == 0x80)
            end++;
        characters++;
    }
    return end < text.len ? arena_format(arena, "%.*s…", TEXT_ARG(text_slice(text, 0, end))) : text;
}

static void add_box(Buffer *out, const Plan *plan, const Box *box)
{
    const PlanItem *item = box->item;
    size_t slash = text_find_byte(item->id, '/');
    Text name = item->name.len || slash == item->id.len ? item->name : text_slice(item->id, slash + 1, item->id.len);
    bool is_told = item->action != PLAN_UNCHANGED;
    if (is_told)
        buffer_add_format(out, "<a href=\"#r%zu\" class=\"%s\"><title>", box->number, plan_action_name(item->action));
    else
        buffer_add_c(out, "<g class=\"unchanged\"><title>");
    xml_add_text(out, item->id, false);
    buffer_add_format(out, ": %s</title><rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" rx=\"6\"/>", plan_action_name(item->action), box->x, box->y,
                      BOX_WIDTH, BOX_HEIGHT);
    buffer_add_format(out, "<text class=\"kind\" x=\"%zu\" y=\"%zu\">%s</text><text x=\"%zu\" y=\"%zu\">", box->x + 8, box->y + 13,
                      resource_facts(item->kind)->label, box->x + 8, box->y + 27);
    xml_add_text(out, cut_label(plan->arena, name), false);
    buffer_add_c(out, is_told ? "</text></a>\n" : "</text></g>\n");
}

void html_add_graph(Buffer *out, const Plan *plan)
{
    BoxArray boxes = {0};
    size_t width;
    size_t places[COLUMN_COUNT];
    choose_boxes(plan, &boxes);
    if (!boxes.count)
        return;
    buffer_add_c(out, "<section id=\"resources\"><h2>Resources</h2>\n");
    if (boxes.count > BOXES_MAX) {
        buffer_add_format(out, "<p class=\"soft\">%zu resources change: too many for a drawing.</p></section>\n", boxes.count);
        return;
    }
    size_t height = place_boxes(&boxes, &width, places);
    buffer_add_format(out, "<div class=\"graph\"><svg width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\" role=\"img\" aria-label=\"what refers to what\">\n", width,
                      height, width, height);
    for (size_t i = 0; i < boxes.count; i++) {
        TargetArray targets = {0};
        if (!boxes.items[i].item->desired)
            continue;
        find_targets(plan->arena, &boxes, boxes.items[i].item->desired, &targets);
        find_cluster(plan->arena, &boxes, &boxes.items[i], &targets);
        for (size_t j = 0; j < targets.count; j++)
            if (targets.items[j] != &boxes.items[i])
                add_edge(out, &boxes.items[i], targets.items[j]);
    }
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        if (places[i])
            buffer_add_format(out, "<text class=\"head\" x=\"%zu\" y=\"20\">%s</text>\n", places[i], columns[i]);
    for (size_t i = 0; i < boxes.count; i++)
        add_box(out, plan, &boxes.items[i]);
    buffer_add_c(out, "</svg></div></section>\n");
}
