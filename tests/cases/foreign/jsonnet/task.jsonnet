{
  family: 'api',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '768',
  executionRoleArn: 'arn:aws:iam::{{ must_env `ACCOUNT` }}:role/execution',
  containerDefinitions: [
    {
      name: 'app',
      image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:{{ must_env `TAG` }}',
    },
  ],
}
