/* The plan as one page for a browser (SPEC.md, "Page"): nothing is loaded, nothing runs, and every text is escaped. */
#include "base/xml.h"
#include "plan/calls.h"
#include "plan/html.h"

typedef struct Page {
    Buffer *out;
    const Plan *plan;
    const Secrets *secrets;
} Page;

enum { LONG_VALUE = 600 };

/* --- texts --- */

static void add_text(const Page *p, Text text)
{
    xml_add_text(p->out, secrets_hide_words(p->secrets, text), false);
}

static const char *sign_class(char sign)
{
    return sign == '+' ? "create" : sign == '-' ? "delete" : "change";
}

/* "service.svc:38" and the line itself. */
static void add_place(const Page *p, Span span)
{
    if (span_is_none(span))
        return;
    uint32_t line = sources_locate(p->plan->sources, span.file, span.start).line;
    buffer_add_c(p->out, "<div class=\"place\"><code class=\"soft\">");
    add_text(p, sources_path(p->plan->sources, span.file));
    buffer_add_format(p->out, ":%u</code><code>", line);
    xml_add_text(p->out, text_trim(secrets_hide_line(p->secrets, span.file, line)), false);
    buffer_add_c(p->out, "</code></div>");
}

static void add_value(const Page *p, const Json *json)
{
    if (!json) {
        buffer_add_c(p->out, "<span class=\"soft\">(none)</span>");
        return;
    }
    if (json->kind == JSON_REFERENCE && !json->reference->known.len) {
        buffer_add_c(p->out, "the ");
        add_text(p, json->reference->attribute);
        buffer_add_c(p->out, " of <code>");
        add_text(p, json->reference->resource);
        buffer_add_c(p->out, "</code>");
        return;
    }
    Buffer text = {0};
    json_write(&text, json, 0);
    buffer_add_format(p->out, "<code%s>", text.length > LONG_VALUE ? " class=\"long\"" : "");
    add_text(p, buffer_text(&text));
    buffer_add_c(p->out, "</code>");
    buffer_free(&text);
}

/* --- resources --- */

static void add_change(const Page *p, const PlanChange *change)
{
    buffer_add_c(p->out, "<tr><td><code>");
    add_text(p, change->path);
    buffer_add_c(p->out, "</code>");
    if (change->forces_replacement)
        buffer_add_c(p->out, " <span class=\"badge\">forces replacement</span>");
    buffer_add_c(p->out, "</td><td class=\"from\">");
    add_value(p, change->before);
    buffer_add_c(p->out, "</td><td class=\"to\">");
    add_value(p, change->after);
    add_place(p, change->origin);
    buffer_add_c(p->out, "</td></tr>\n");
}

static void add_changes(const Page *p, const PlanItem *item)
{
    if (!item->changes.count)
        return;
    buffer_add_c(p->out, "<table><thead><tr><th>member</th><th>old</th><th>new</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < item->changes.count; i++)
        add_change(p, &item->changes.items[i]);
    buffer_add_c(p->out, "</tbody></table>\n");
}

static void add_member(const Page *p, const Json *json, Buffer *path)
{
    size_t length = path->length;
    bool is_object = json->kind == JSON_OBJECT && json_length(json) > 0;
    bool is_list = json->kind == JSON_ARRAY && json_length(json) > 0;
    for (size_t i = 0; is_object && i < json->members.count; i++, path->length = length) {
        buffer_add_c(path, length ? "." : "");
        buffer_add(path, json->members.items[i].key);
        add_member(p, json->members.items[i].value, path);
    }
    for (size_t i = 0; is_list && i < json->items.count; i++, path->length = length) {
        buffer_add_format(path, "[%zu]", i);
        add_member(p, json->items.items[i], path);
    }
    if (is_object || is_list)
        return;
    buffer_add_c(p->out, "<tr><td><code>");
    add_text(p, buffer_text(path));
    buffer_add_c(p->out, "</code></td><td>");
    add_value(p, json);
    buffer_add_c(p->out, "</td></tr>\n");
}

static void add_members(const Page *p, const PlanItem *item)
{
    Buffer path = {0};
    Buffer facts = {0};
    plan_render_facts(&facts, p->plan, item);
    buffer_add_c(p->out, "<p>");
    add_text(p, text_trim(buffer_text(&facts)));
    buffer_add_c(p->out, "</p><details><summary>every member</summary><table><tbody>\n");
    add_member(p, item->desired, &path);
    buffer_add_c(p->out, "</tbody></table></details>\n");
    buffer_free(&path);
    buffer_free(&facts);
}

static void add_item(const Page *p, const PlanItem *item, size_t number)
{
    const char *action = plan_action_name(item->action);
    buffer_add_format(p->out, "<article class=\"resource\" id=\"r%zu\"><header><span class=\"sign %s\">%s</span><span class=\"soft\">%s</span> <b>", number,
                      action, plan_action_sign(item->action), resource_facts(item->kind)->label);
    add_text(p, item->name.len ? item->name : item->id);
    buffer_add_format(p->out, "</b> <span class=\"%s\">%s</span></header>", action, action);
    add_place(p, item->origin);
    if (calls_leave_gap(item))
        buffer_add_c(p->out, "<p class=\"warning\">The old one goes before the new one comes, since both have this name: for a while there is neither.</p>");
    add_changes(p, item);
    if (item->action == PLAN_CREATE)
        add_members(p, item);
    buffer_add_c(p->out, "</article>\n");
}

static void add_items(const Page *p)
{
    const PlanItemArray *items = &p->plan->items;
    const Text *service = NULL;
    if (!plan_has_changes(p->plan))
        return;
    buffer_add_c(p->out, "<section id=\"changes\"><h2>Changes</h2>\n");
    for (size_t i = 0; i < items->count; i++) {
        const PlanItem *item = items->items[i];
        if (item->action == PLAN_UNCHANGED)
            continue;
        if (!service || !text_equal(*service, item->service)) {
            buffer_add_c(p->out, "<h3>");
            add_text(p, item->service.len ? item->service : TEXT("shared"));
            buffer_add_c(p->out, "</h3>\n");
        }
        service = &item->service;
        add_item(p, item, i);
    }
    buffer_add_c(p->out, "</section>\n");
}

/* --- sections that are told in lines --- */

/* The next line without its end; false after the last. */
static bool next_line(Text *rest, Text *line)
{
    if (!rest->len)
        return false;
    size_t end = text_find_byte(*rest, '\n');
    *line = text_slice(*rest, 0, end);
    *rest = end < rest->len ? text_slice(*rest, end + 1, rest->len) : TEXT_NONE;
    return true;
}

static void add_security(const Page *p)
{
    Buffer told = {0};
    plan_render_security(&told, p->plan);
    Text rest = text_trim(buffer_text(&told));
    Text line;
    if (next_line(&rest, &line)) {
        buffer_add_c(p->out, "<section id=\"security\"><h2>Security</h2>\n<ul class=\"plain\">\n");
        while (next_line(&rest, &line)) {
            line = text_trim(line);
            char sign = line.len ? line.ptr[0] : ' ';
            buffer_add_format(p->out, "<li><span class=\"sign %s\">%c</span><span>", sign_class(sign), sign);
            add_text(p, text_trim(text_slice(line, line.len ? 1 : 0, line.len)));
            buffer_add_c(p->out, "</span></li>\n");
        }
        buffer_add_c(p->out, "</ul></section>\n");
    }
    buffer_free(&told);
}

/* "at 5m 26% for 5m" has a bar of that share. */
static void add_share(const Page *p, Text line)
{
    Text before = text_slice(line, 0, text_find_byte(line, '%'));
    size_t start = before.len;
    while (start > 0 && before.ptr[start - 1] != ' ')
        start--;
    Text share = text_slice(before, start, before.len);
    bool is_number = share.len > 0 && before.len < line.len;
    for (size_t i = 0; i < share.len; i++)
        is_number = is_number && (byte_is_digit(share.ptr[i]) || share.ptr[i] == '.');
    buffer_add_c(p->out, "<div class=\"share\"><span>");
    add_text(p, line);
    buffer_add_c(p->out, "</span>");
    if (is_number)
        buffer_add_format(p->out, "<span class=\"bar\"><i style=\"width:%.*s%%\"></i></span>", TEXT_ARG(share));
    buffer_add_c(p->out, "</div>\n");
}

static void add_rollouts(const Page *p)
{
    Buffer told = {0};
    plan_render_rollouts(&told, p->plan);
    Text rest = text_trim(buffer_text(&told));
    Text line;
    if (next_line(&rest, &line)) {
        buffer_add_c(p->out, "<section id=\"rollout\"><h2>Rollout</h2>\n");
        while (next_line(&rest, &line)) {
            bool is_service = !text_starts_with(line, TEXT("    "));
            line = text_trim(line);
            if (text_starts_with(line, TEXT("at "))) {
                add_share(p, line);
                continue;
            }
            buffer_add_c(p->out, is_service ? "<h3>" : "<p>");
            add_text(p, line);
            buffer_add_c(p->out, is_service ? "</h3>\n" : "</p>\n");
        }
        buffer_add_c(p->out, "</section>\n");
    }
    buffer_free(&told);
}

static void add_lookups(const Page *p)
{
    const Resources *resources = p->plan->resources;
    if (!resources->lookups.count || !plan_has_changes(p->plan))
        return;
    buffer_add_c(p->out, "<section id=\"lookups\"><h2>Looked up when it is applied</h2>\n");
    for (size_t i = 0; i < resources->lookups.count; i++) {
        const Lookup *lookup = resources->lookups.items[i];
        buffer_add_c(p->out, "<div class=\"resource\"><b>");
        add_text(p, lookup->id);
        buffer_add_byte(p->out, ' ');
        add_text(p, lookup->attribute);
        buffer_add_c(p->out, "</b>: ");
        add_text(p, lookup->description);
        add_place(p, lookup->origin);
        buffer_add_c(p->out, "</div>\n");
    }
    buffer_add_c(p->out, "</section>\n");
}

/* --- the page --- */

static void add_title(const Page *p)
{
    add_text(p, p->plan->model->project);
    if (p->plan->model->environment.name.len) {
        buffer_add_c(p->out, " in ");
        add_text(p, p->plan->model->environment.name);
    }
}

static void add_count(const Page *p, size_t count, const char *class, const char *what)
{
    buffer_add_format(p->out, "<li class=\"%s\"><b>%zu</b> %s</li>", class, count, what);
}

static void add_heading(const Page *p)
{
    const Plan *plan = p->plan;
    buffer_add_c(p->out, "<h1>Plan for ");
    add_title(p);
    buffer_add_c(p->out, "</h1>\n<p class=\"soft\">");
    if (plan->account.len && plan->region.len) {
        buffer_add_c(p->out, "account ");
        add_text(p, plan->account);
        buffer_add_c(p->out, ", ");
        add_text(p, plan->region);
        buffer_add_c(p->out, ", ");
    }
    buffer_add_c(p->out, plan->live ? "against " : "against an empty account");
    if (plan->live)
        add_text(p, plan->live->path);
    buffer_add_c(p->out, "</p>\n<ul class=\"counts\">");
    add_count(p, plan->added, "create", "to add");
    add_count(p, plan->changed, "change", "to change");
    add_count(p, plan->destroyed, "delete", "to destroy");
    add_count(p, plan->unchanged, "unchanged", "unchanged");
    buffer_add_c(p->out, "</ul>\n");
    if (!plan_has_changes(plan))
        buffer_add_c(p->out, "<p>No changes: what is live is what the file says.</p>\n");
}

void plan_render_html(Buffer *out, const Plan *plan, const Secrets *secrets)
{
    Page p = {out, plan, secrets};
    buffer_add_c(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>Plan for ");
    add_title(&p);
    buffer_add_c(out, "</title>\n");
    html_add_style(out);
    buffer_add_c(out, "</head>\n<body>\n");
    add_heading(&p);
    add_security(&p);
    html_add_graph(out, plan);
    add_items(&p);
    add_rollouts(&p);
    add_lookups(&p);
    buffer_add_c(out, "</body></html>\n");
}
