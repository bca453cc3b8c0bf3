#include "emit/emit.h"

/* [{"name": "containerInsights", "value": "disabled"}]: said always, so that the account's own default does not decide. */
static Json *cluster_settings(Emission *emission, const Node *declaration)
{
    const Node *insights = node_child(declaration, W_INSIGHTS);
    Text level = insights ? node_aws(insights, 0) : TEXT_NONE;
    Json *setting = json_object(emission->arena);
    json_set_c(emission->arena, setting, "name", json_text_c(emission->arena, "containerInsights"));
    json_set_c(emission->arena, setting, "value",
               json_at(json_text(emission->arena, level.len ? level : TEXT("disabled")), insights ? insights->span : SPAN_NONE));
    Json *settings = json_array(emission->arena);
    json_add(emission->arena, settings, setting);
    return settings;
}

static void emit_cluster(Emission *emission, Text name, const Node *declaration, Span origin)
{
    Arena *arena = emission->arena;
    Text id = emit_cluster_id(emission, name, false);
    if (resources_find(emission->resources, id))
        return;
    Json *providers = json_array(arena);
    json_add(arena, providers, json_text_c(arena, "FARGATE"));
    json_add(arena, providers, json_text_c(arena, "FARGATE_SPOT"));
    Json *input = json_object(arena);
    json_set_c(arena, input, "clusterName", json_at(json_text(arena, name), origin));
    json_set_c(arena, input, "capacityProviders", providers);
    json_set_c(arena, input, "settings", cluster_settings(emission, declaration));
    json_set_c(arena, input, "tags", emit_tags(emission, TEXT_NONE, id, NULL, "key", "value"));
    emit_add_resource(emission, RESOURCE_CLUSTER, id, TEXT_NONE, name, name, input, origin);
}

/* The declared ones, then those that services name without a declaration. */
void emit_clusters(Emission *emission)
{
    NODE_EACH(cluster, emission->model->file, W_CLUSTER)
    {
        if (!emit_is_existing(cluster))
            emit_cluster(emission, cluster->key, cluster, cluster->span);
    }
    NODE_EACH(service, emission->model->file, W_SERVICE)
    {
        const Node *declaration;
        Text name = emit_cluster_name(emission, service, &declaration);
        const Node *said = node_child(service, W_SERVICE_CLUSTER);
        if (!declaration)
            emit_cluster(emission, name, NULL, said ? said->span : service->span);
    }
}
