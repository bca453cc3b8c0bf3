/* Tags of images that move: what runs tomorrow is not what was deployed (AWS: ECS developer guide, best practices for container images). */
#include "rules/image.h"

#include "rules/task.h"

/* Tags that are made to be moved, by builds or by hand, from one image to the next. A number is none: whether 1 moves with 1.2, only its maker knows. */
static const char moving_tags[] = "latest stable main master trunk head dev develop development test testing qa staging stage preprod prod production edge nightly canary "
                                  "current release live next snapshot beta alpha";

static bool is_moving(Text tag)
{
    enum { LENGTH_MAX = 32 };
    char lower[LENGTH_MAX];
    if (tag.len > LENGTH_MAX)
        return false;
    for (size_t i = 0; i < tag.len; i++)
        lower[i] = (char)(tag.ptr[i] >= 'A' && tag.ptr[i] <= 'Z' ? tag.ptr[i] - 'A' + 'a' : tag.ptr[i]);
    Text text = {lower, tag.len};
    return rule_is_one_of(text, moving_tags) || text_starts_with(text, TEXT("latest-")) || text_ends_with(text, TEXT("-latest"));
}

/* Without the bytes of `closing` at its end. */
static Text drop_end(Text text, const char *closing)
{
    while (text.len && rule_has_only(text_slice(text, text.len - 1, text.len), closing))
        text.len--;
    return text;
}

/* What stands at the end of an image's name, also of one that is known in part only: of a function of CloudFormation, what is quoted last. */
static Text written_end(const Json *image)
{
    const Json *last = image->kind == JSON_JOINED && image->items.count ? image->items.items[image->items.count - 1] : image;
    if (last->kind != JSON_UNKNOWN)
        return last->kind == JSON_TEXT ? last->text : rule_text(image);
    Text quoted = drop_end(last->text, "} \t\r\n");
    return text_ends_with(quoted, TEXT("\"")) || text_ends_with(quoted, TEXT("'")) ? drop_end(quoted, "\"'") : last->text;
}

/* The tag in "registry:5000/repository:tag"; empty when there is none. */
static Text tag_of(Text image)
{
    size_t colon = image.len;
    for (size_t i = 0; i < image.len; i++)
        colon = image.ptr[i] == '/' ? image.len : image.ptr[i] == ':' ? i : colon;
    return colon < image.len ? text_slice(image, colon + 1, image.len) : TEXT_NONE;
}

/* A word in capitals, such as IMAGE_URI, is one that a script replaces. */
static bool is_replaced(Text image)
{
    return image.len && rule_has_only(image, "A-Z0-9_");
}

/* Where the tag stands, found in what is written for the image: a part of a text in JSON, an argument of its own in .svc. The whole otherwise. */
static Span tag_span(const RuleContext *context, const Resource *resource, const Json *image, Text tag)
{
    Span whole = rule_report_span(context, resource, image);
    Text written = span_is_none(whole) ? TEXT_NONE : sources_text(context->sink->sources, whole);
    for (size_t start = written.len - (tag.len <= written.len ? tag.len : written.len); tag.len && start > 0; start--) {
        Text before = text_slice(written, start - 1, start);
        Text found = text_slice(written, start, start + tag.len < written.len ? start + tag.len : written.len);
        bool is_quoted = text_equal_c(before, "\"");
        if (text_equal(found, tag) && (is_quoted || text_equal_c(before, ":")))
            return (Span){whole.file, whole.start + (uint32_t)start - is_quoted, whole.start + (uint32_t)(start + tag.len) + is_quoted};
    }
    return whole;
}

bool image_is_moving(const Json *image)
{
    Text whole = rule_text(image);
    Text end = written_end(image);
    Text tag = tag_of(end);
    bool is_untagged = whole.len && !tag.len && text_find_byte(whole, '@') == whole.len && rule_is_known(image);
    if ((whole.len && is_replaced(whole)) || text_find_byte(end, '@') < end.len)
        return false;
    return tag.len ? is_moving(tag) : is_untagged;
}

static void check_tag(const RuleContext *context, const Resource *task, const Json *image)
{
    if (!image || !image_is_moving(image))
        return;
    Text tag = tag_of(written_end(image));
    Diagnostic *d = !tag.len ? rule_report(context, task, CODE_TAG_MOVES, image, "an image without a tag is the one that is tagged latest when the task starts")
                                : diagnostic_report(context->sink, CODE_TAG_MOVES, tag_span(context, task, image, tag), "the tag %.*s is moved from one image to the next", TEXT_ARG(tag));
    diagnostic_set_label(context->sink, d, "tasks of one revision may run different code, and there is nothing to go back to");
    diagnostic_set_advice(context->sink, d, "name a tag that stays, such as a version or a commit, or a digest");
}

/* Each image is told of once in a task. */
static void check_tags(const RuleContext *context, const Resource *task, const Json *containers)
{
    Names seen = {0};
    for (size_t i = 0; i < rule_item_count(containers); i++) {
        const Json *image = json_get_c(containers->items.items[i], "image");
        if (!names_put(&seen, context->arena, rule_text(image), containers->items.items[i]))
            check_tag(context, task, image);
    }
}

const Rule image_rules[] = {
    {RESOURCE_TASK_DEFINITION, "containerDefinitions", check_tags},
    {.check = NULL},
};
