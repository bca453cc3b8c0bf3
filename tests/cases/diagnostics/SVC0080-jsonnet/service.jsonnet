local count = std.extVar('COUNT');
{
  launchType: 'FARGATE',
  deploymentConfiguration: if count == '1' then null else { maximumPercent: 200 },
  desiredCount: 1,
}
