/* Recordings of accounts, which come from files: any bytes give an error or a plan, whose steps, texts and fingerprints can be made. */
#include "tests/fuzz/fuzz.h"

#include "compiler/compile.h"
#include "emit/emit.h"
#include "plan/plan.h"

static const char file_text[] = "project shop\n"
                                "environment prod { account \"123456789012\"; region us-east-1 }\n"
                                "network main existing { vpc tagged { Name \"main\" }; public tagged { Tier \"public\" }; private tagged { Tier \"private\" } }\n"
                                "topic oncall existing { arn \"arn:aws:sns:us-east-1:123456789012:oncall\" }\n"
                                "load-balancer edge { listen https 443 from internet { certificate \"arn:aws:acm:us-east-1:123456789012:certificate/"
                                "0d1f1c51-6a5e-4b1c-9d2b-5f3c8a7e2b10\" } }\n"
                                "service api {\n"
                                "  cluster shop\n"
                                "  compute 0.25 vcpu 512 MiB\n"
                                "  container app {\n"
                                "    image  ecr \"api\" tag \"1.0.0\"\n"
                                "    port   8080\n"
                                "    secret DB_URL from secrets-manager \"api/db\"\n"
                                "    secret TOKEN  from parameter-store \"/api/token\"\n"
                                "    logs   \"/ecs/api\" keep 30d\n"
                                "  }\n"
                                "  route edge \"/*\" to app 8080 { health \"/\" }\n"
                                "  scale 1..4 { track cpu at 70%; step memory +1 above 80% for 2m }\n"
                                "  alarm busy when cpu > 85% for 5m notify oncall\n"
                                "}\n";

static void write_all(Plan *plan)
{
    Buffer out = {0};
    plan_order(plan);
    plan_render_text(&out, plan, true, false);
    plan_render_drift(&out, plan, false);
    (void)plan_render_foreign(&out, plan, false);
    json_write(&out, plan_to_json(plan), 0);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    Recording recording;
    Plan plan;
    Resources resources = {0};
    CompileOptions options = {.allow_missing = true};
    fuzz_begin(&run, (const uint8_t *)file_text, sizeof file_text - 1);
    Text text = arena_copy_text(&run.arena, (Text){(const char *)data, size});
    if (recording_read_text(&run.arena, &run.sink, TEXT("live.json"), text, &recording)) {
        Compilation *compilation = compilation_create(&run.arena, &run.sink, &options);
        Unit *unit = compile_load(compilation, &run.arena, run.file);
        const Model *model = compile_model(unit, TEXT("prod"));
        if (!model)
            fuzz_fail("the file does not compile", text);
        emit_model(&run.arena, &run.sink, model, EMIT_TO_WRITE, &resources);
        (void)plan_check_facts(&run.arena, &run.sink, model, &resources, &recording);
        if (plan_make(&run.arena, &run.sink, model, &resources, &recording, &plan)) {
            (void)plan_check_owners(&plan, &run.sink);
            write_all(&plan);
        }
    }
    arena_free(&run.arena);
    return 0;
}
