/* The sealed plan: canonical JSON with the digest of all else in it. */
#include "plan/plan.h"

#include "base/file.h"
#include "plan/plan_sign.h"

Text plan_seal(const Plan *plan, Json *json)
{
    json_set_c(plan->arena, json, "svc", json_text_c(plan->arena, SVC_VERSION));
    return plan_fingerprint(plan->arena, json);
}

bool plan_save(const Plan *plan, Diagnostics *sink, Text path)
{
    Text reason;
    Json *json = plan_to_json(plan);
    Text seal = plan_seal(plan, json);
    Text signature;
    if (plan->signing_key.len && !plan_sign(plan->arena, sink, plan->signing_key, seal, &signature))
        return false;
    json_set_c(plan->arena, json, "seal", json_text(plan->arena, seal));
    if (plan->signing_key.len)
        json_set_c(plan->arena, json, "signature", json_text(plan->arena, signature));
    Buffer text = {0};
    json_write(&text, json, 0);
    buffer_add_byte(&text, '\n');
    bool written = file_write_private(path, buffer_text(&text), plan->arena, &reason);
    buffer_free(&text);
    if (written)
        return true;
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_CANNOT_WRITE, SPAN_NONE, "cannot write %.*s: %.*s", TEXT_ARG(path), TEXT_ARG(reason));
    diagnostic_set_advice(sink, diagnostic, "name a file that can be written after --out");
    return false;
}
