/* What AWS's errors mean for a step, beyond what the client tries again by itself. Rows name where the fact is from in SPEC.md, "Trying again". */
#include "apply/run.h"

typedef struct ErrorRow {
    const char *operation; /* its beginning; NULL: any */
    const char *code;
    const char *message;   /* a part of it; NULL: any */
    ErrorKind kind;
} ErrorRow;

/* The first that fits counts. */
static const ErrorRow rows[] = {
    /* what was written a moment ago and is not seen everywhere yet */
    {"CreateService", "ClusterNotFoundException", NULL, ERROR_RETRY},
    {"CreateService", "InvalidParameterException", "verify that the ECS service role", ERROR_RETRY},
    {"CreateService", "InvalidParameterException", "does not have an associated load balancer", ERROR_RETRY},
    {"CreateService", "InvalidParameterException", "Unable to assume", ERROR_RETRY},
    {"CreateService", "InvalidParameterException", "not idempotent", ERROR_EXISTS},
    {"CreateService", "InvalidParameterException", "Draining", ERROR_RETRY},
    {"UpdateService", "InvalidParameterException", "Unable to assume", ERROR_RETRY},
    {"UpdateService", "InvalidParameterException", "does not have an associated load balancer", ERROR_RETRY},
    {"RegisterTaskDefinition", "ClientException", "Role is not valid", ERROR_RETRY},
    {"CreateSchedule", "ValidationException", "assume the role", ERROR_RETRY},
    {"UpdateSchedule", "ValidationException", "assume the role", ERROR_RETRY},
    {"RegisterScalableTarget", "ValidationException", "service doesn't exist", ERROR_RETRY},
    {"PutScalingPolicy", "ObjectNotFoundException", NULL, ERROR_RETRY},
    {"PutScheduledAction", "ObjectNotFoundException", NULL, ERROR_RETRY},
    {"PutRolePolicy", "NoSuchEntity", NULL, ERROR_RETRY},
    {"AttachRolePolicy", "NoSuchEntity", NULL, ERROR_RETRY},
    {"TagRole", "NoSuchEntity", NULL, ERROR_RETRY},
    {"Authorize", "InvalidGroup.NotFound", NULL, ERROR_RETRY},
    {"Authorize", "InvalidGroupId.NotFound", NULL, ERROR_RETRY},
    {"Create", "TargetGroupNotFound", NULL, ERROR_RETRY},
    {"Create", "LoadBalancerNotFound", NULL, ERROR_RETRY},
    {"Create", "ListenerNotFound", NULL, ERROR_RETRY},
    {"Create", "InvalidSecurityGroup", NULL, ERROR_RETRY},
    {"Modify", "TargetGroupNotFound", NULL, ERROR_RETRY},
    {"Modify", "LoadBalancerNotFound", NULL, ERROR_RETRY},
    {"PutRetentionPolicy", "ResourceNotFoundException", NULL, ERROR_RETRY},
    {"PutMetricFilter", "ResourceNotFoundException", NULL, ERROR_RETRY},
    /* what others still hold */
    {"PutClusterCapacityProviders", "UpdateInProgressException", NULL, ERROR_RETRY},
    {"PutClusterCapacityProviders", "ResourceInUseException", NULL, ERROR_RETRY},
    {"DeleteService", "InvalidParameterException", "cannot be stopped while deployments are active", ERROR_RETRY},
    {"DeleteService", "InvalidParameterException", "has a dependent object", ERROR_RETRY},
    {"DeleteCluster", "ClusterContainsServicesException", NULL, ERROR_RETRY},
    {"DeleteCluster", "ClusterContainsTasksException", NULL, ERROR_RETRY},
    {"DeleteCluster", "UpdateInProgressException", NULL, ERROR_RETRY},
    {"Delete", "DependencyViolation", NULL, ERROR_RETRY},
    {"Delete", "ResourceInUse", NULL, ERROR_RETRY},
    {"Delete", "DeleteConflict", NULL, ERROR_RETRY},
    {"Delete", "OperationNotPermitted", "currently in use", ERROR_RETRY},
    {NULL, "OperationAbortedException", NULL, ERROR_RETRY},
    {NULL, "OperationInProgressException", NULL, ERROR_RETRY},
    {NULL, "ConcurrentModification", NULL, ERROR_RETRY},
    {NULL, "ConcurrentModificationException", NULL, ERROR_RETRY},
    {NULL, "ConcurrentUpdateException", NULL, ERROR_RETRY},
    /* so already */
    {"Authorize", "InvalidPermission.Duplicate", NULL, ERROR_ALREADY},
    {"Revoke", "InvalidPermission.NotFound", NULL, ERROR_ALREADY},
    {"Delete", "NoSuchEntity", NULL, ERROR_ALREADY},
    {"Detach", "NoSuchEntity", NULL, ERROR_ALREADY},
    {"Delete", "ResourceNotFoundException", NULL, ERROR_ALREADY},
    {"Delete", "ResourceNotFound", NULL, ERROR_ALREADY},
    {"Delete", "ServiceNotFoundException", NULL, ERROR_ALREADY},
    {"Delete", "ServiceNotActiveException", NULL, ERROR_ALREADY},
    {"Delete", "ClusterNotFoundException", NULL, ERROR_ALREADY},
    {"Delete", "ObjectNotFoundException", NULL, ERROR_ALREADY},
    {"Deregister", "ObjectNotFoundException", NULL, ERROR_ALREADY},
    {"DeregisterTaskDefinition", "InvalidParameterException", "inactive", ERROR_ALREADY},
    {"Delete", "LoadBalancerNotFound", NULL, ERROR_ALREADY},
    {"Delete", "ListenerNotFound", NULL, ERROR_ALREADY},
    {"Delete", "RuleNotFound", NULL, ERROR_ALREADY},
    {"Delete", "TargetGroupNotFound", NULL, ERROR_ALREADY},
    {"Delete", "InvalidGroup.NotFound", NULL, ERROR_ALREADY},
    {"Delete", "InvalidGroupId.NotFound", NULL, ERROR_ALREADY},
    {"Revoke", "InvalidGroup.NotFound", NULL, ERROR_ALREADY},
    {"Revoke", "InvalidGroupId.NotFound", NULL, ERROR_ALREADY},
    {"Delete", "DashboardNotFoundError", NULL, ERROR_ALREADY},
    {"Delete", "ParameterNotFound", NULL, ERROR_ALREADY},
    /* of the same name: ours, from a call whose answer was lost, or somebody else's */
    {"Create", "EntityAlreadyExists", NULL, ERROR_EXISTS},
    {"Create", "ResourceAlreadyExistsException", NULL, ERROR_EXISTS},
    {"Create", "DuplicateTargetGroupName", NULL, ERROR_EXISTS},
    {"Create", "DuplicateLoadBalancerName", NULL, ERROR_EXISTS},
    {"Create", "DuplicateListener", NULL, ERROR_EXISTS},
    {"Create", "PriorityInUse", NULL, ERROR_EXISTS},
    {"Create", "InvalidGroup.Duplicate", NULL, ERROR_EXISTS},
    {"CreateSchedule", "ConflictException", NULL, ERROR_EXISTS},
    {"PutParameter", "ParameterAlreadyExists", NULL, ERROR_EXISTS},
};

static bool row_fits(const ErrorRow *row, const AwsCall *call)
{
    Text message = call->answer.message;
    return text_equal_c(call->answer.code, row->code) && (!row->operation || text_starts_with(call->operation, text_from_c(row->operation))) &&
           (!row->message || text_find(message, text_from_c(row->message)) < message.len);
}

/* What makes something of which a second call would make another. */
static bool makes_anew(Text operation)
{
    return text_starts_with(operation, TEXT("Create")) || text_starts_with(operation, TEXT("Register"));
}

ErrorKind error_kind(const AwsCall *call)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (row_fits(&rows[i], call))
            return rows[i].kind;
    if (call->answer.may_have_happened)
        return makes_anew(call->operation) ? ERROR_EXISTS : ERROR_RETRY;
    bool has_failed_by_itself = call->answer.is_throttled || call->answer.status == 0 || call->answer.status >= 500;
    /* svc's own codes tell of what trying again does not mend: no credentials, no endpoint, an input that is none. */
    return has_failed_by_itself && !(text_starts_with(call->answer.code, TEXT("svc:")) && !text_equal_c(call->answer.code, "svc:NoAnswer")) ? ERROR_RETRY
                                                                                                                                        : ERROR_FINAL;
}
