import { kinOf } from './kin';
import type { Kin } from './types';

const compute = kinOf('run-instances', 'other', 'medium');

/** Row 1.1.7: compute that can mine, by whichever service starts it. */
export const computeKin: Kin[] = [
  compute('ec2', ['T1578.002', 'T1496.001'], ['RunInstances', 'RunScheduledInstances', 'RequestSpotInstances', 'RequestSpotFleet', 'CreateFleet', 'CreateCapacityReservation', 'AllocateHosts'], { test: 'instances' }),
  compute('autoscaling', ['T1578.002', 'T1496.001'], ['CreateAutoScalingGroup', 'CreateLaunchConfiguration'], { test: 'instances' }),
  compute('ecs', ['T1610', 'T1496.001'], ['CreateCluster', 'RegisterTaskDefinition', 'CreateService']),
  compute('eks', ['T1610', 'T1496.001'], ['CreateCluster', 'CreateNodegroup', 'CreateFargateProfile']),
  compute('batch', ['T1496.001'], ['CreateComputeEnvironment']),
  compute('lightsail', ['T1578.002', 'T1496.001'], ['CreateInstances', 'CreateInstancesFromSnapshot', 'CreateContainerService']),
  compute('sagemaker', ['T1496.001'], ['CreateNotebookInstance', 'CreateTrainingJob', 'CreateProcessingJob', 'CreateEndpoint', 'CreateCluster', 'CreateApp']),
  compute('elasticmapreduce', ['T1496.001'], ['RunJobFlow', 'AddInstanceGroups']),
  compute('gamelift', ['T1496.001'], ['CreateFleet']),
  compute('appstream', ['T1496.001'], ['CreateFleet', 'CreateImageBuilder']),
  compute('workspaces', ['T1496.001'], ['CreateWorkspaces']),
  compute('glue', ['T1496.001'], ['CreateDevEndpoint']),
  compute('cloud9', ['T1578.002'], ['CreateEnvironmentEC2']),
  compute('apprunner', ['T1496.001'], ['CreateService']),
  compute('codebuild', ['T1496.001'], ['CreateProject', 'CreateFleet']),
  compute('imagebuilder', ['T1496.001'], ['StartImagePipelineExecution']),
  compute('braket', ['T1496.001'], ['CreateJob']),
  compute('account', ['T1535'], ['EnableRegion']),
  compute('servicequotas', ['T1496.001'], ['RequestServiceQuotaIncrease']),
];
