/* SPDX-License-Identifier: MIT */
/*
 * Written by reflection over the types that rancher/webhook v0.12 decodes into (its commit
 * 31c772b1, k8s.io/api v0.36.3), in the order of strcmp().
 *
 * Members are "NAME:TYPE", separated by spaces, in the order of the Go struct. A name that has a
 * dot is that of a member of an embedded struct, which Go's messages name as well.
 */
#include <stdlib.h>
#include <string.h>

#include "go_types.h"

#define OBJECT "TypeMeta.kind:string TypeMeta.apiVersion:string metadata:v1.ObjectMeta"

/* What stays as it is in a role that is built in. */
#define GLOBAL_ROLE                                                                                \
	"displayName:string description:string rules:[]v1.PolicyRule builtin:bool "                \
	"inheritedClusterRoles:[]string namespacedRules:map[string][]v1.PolicyRule "               \
	"inheritedNamespacedRules:map[string][]v1.PolicyRule "                                     \
	"inheritedFleetWorkspacePermissions:*v3.FleetWorkspacePermission "                         \
	"status:v3.GlobalRoleStatus"

struct row {
	const char *name;
	const char *text; /* members; or the type of which it is another name */
};

static const struct row structs[] = {
    {"clusterauthtoken.PartialClusterAuthToken", "lastUsedAt:*string"},
    {"fixed.GlobalRole", GLOBAL_ROLE}, /* not of Go */
    {"genericcondition.GenericCondition",
     "type:string status:v1.ConditionStatus lastUpdateTime:string "
     "lastTransitionTime:string reason:string message:string"},
    {"token.PartialToken", "lastUsedAt:*string"},
    {"unstructured.Unstructured", "metadata:v1.ObjectMeta"},
    {"userattribute.PartialUserAttribute",
     "lastLogin:*string disableAfter:*string deleteAfter:*string"},
    {"v1.Affinity", "nodeAffinity:*v1.NodeAffinity podAffinity:*v1.PodAffinity "
		    "podAntiAffinity:*v1.PodAntiAffinity"},
    {"v1.AgentDeploymentCustomization",
     "appendTolerations:[]v1.Toleration overrideAffinity:*v1.Affinity "
     "overrideResourceRequirements:*v1.ResourceRequirements "
     "schedulingCustomization:*v1.AgentSchedulingCustomization"},
    {"v1.AgentSchedulingCustomization", "priorityClass:*v1.PriorityClassSpec "
					"podDisruptionBudget:*v1.PodDisruptionBudgetSpec"},
    {"v1.AggregationRule", "clusterRoleSelectors:[]v1.LabelSelector"},
    {"v1.AuditPolicy", OBJECT " spec:v1.AuditPolicySpec status:v1.AuditPolicyStatus"},
    {"v1.AuditPolicySpec", "enabled:bool filters:[]v1.Filter additionalRedactions:[]v1.Redaction "
			   "verbosity:v1.LogVerbosity"},
    {"v1.AuditPolicyStatus", "conditions:[]v1.Condition"},
    {"v1.Cluster", OBJECT " spec:v1.ClusterSpec status:v1.ClusterStatus"},
    {"v1.ClusterAPIConfig", "clusterName:string"},
    {"v1.ClusterRepo", OBJECT " spec:v1.RepoSpec status:v1.RepoStatus"},
    {"v1.ClusterRole", OBJECT " rules:[]v1.PolicyRule aggregationRule:*v1.AggregationRule"},
    {"v1.ClusterRoleBinding", OBJECT " subjects:[]v1.Subject roleRef:v1.RoleRef"},
    {"v1.ClusterSpec", "cloudCredentialSecretName:string kubernetesVersion:string "
		       "clusterAPIConfig:*v1.ClusterAPIConfig rkeConfig:*v1.RKEConfig "
		       "localClusterAuthEndpoint:v1.LocalClusterAuthEndpoint "
		       "agentEnvVars:[]v1.EnvVar "
		       "clusterAgentDeploymentCustomization:*v1.AgentDeploymentCustomization "
		       "defaultPodSecurityAdmissionConfigurationTemplateName:string "
		       "defaultClusterRoleForProjectMembers:string enableNetworkPolicy:*bool "
		       "fleetAgentDeploymentCustomization:*v1.AgentDeploymentCustomization "
		       "webhookDeploymentCustomization:*v1.WebhookDeploymentCustomization "
		       "redeploySystemAgentGeneration:int64"},
    {"v1.ClusterStatus", "ready:bool clusterName:string fleetWorkspaceName:string "
			 "clientSecretName:string agentDeployed:bool observedGeneration:int64 "
			 "conditions:[]genericcondition.GenericCondition"},
    {"v1.ClusterUpgradeStrategy",
     "controlPlaneConcurrency:string "
     "controlPlaneDrainOptions:v1.DrainOptions workerConcurrency:string "
     "workerDrainOptions:v1.DrainOptions"},
    {"v1.Condition", "type:string status:v1.ConditionStatus observedGeneration:int64 "
		     "lastTransitionTime:v1.Time reason:string message:string"},
    {"v1.DataDirectories", "systemAgent:string provisioning:string k8sDistro:string"},
    {"v1.DrainHook", "annotation:string"},
    {"v1.DrainOptions", "enabled:bool force:bool ignoreDaemonSets:*bool ignoreErrors:bool "
			"deleteEmptyDirData:bool disableEviction:bool gracePeriod:int "
			"timeout:int skipWaitForDeleteTimeoutSeconds:int "
			"preDrainHooks:[]v1.DrainHook postDrainHooks:[]v1.DrainHook"},
    {"v1.ETCD", "disableSnapshots:bool snapshotScheduleCron:string "
		"snapshotRetention:int s3:*v1.ETCDSnapshotS3"},
    {"v1.ETCDSnapshotCreate", "generation:int"},
    {"v1.ETCDSnapshotRestore", "name:string generation:int restoreRKEConfig:string"},
    {"v1.ETCDSnapshotS3", "endpoint:string endpointCA:string skipSSLVerify:bool bucket:string "
			  "region:string cloudCredentialName:string retention:int folder:string"},
    {"v1.EnvVar", "name:string value:string"},
    {"v1.ExponentialBackOffValues", "minWait:int maxWait:int maxRetries:int"},
    {"v1.Filter", "action:v1.FilterAction requestURI:string"},
    {"v1.K8sObjectFileSource", "name:string items:[]v1.KeyToPath defaultPermissions:string"},
    {"v1.KeyToPath", "key:string path:string dynamic:bool permissions:string hash:string"},
    {"v1.LabelSelector", "matchLabels:map[string]string "
			 "matchExpressions:[]v1.LabelSelectorRequirement"},
    {"v1.LabelSelectorRequirement", "key:string operator:v1.LabelSelectorOperator values:[]string"},
    {"v1.LocalClusterAuthEndpoint", "enabled:bool fqdn:string caCerts:string"},
    {"v1.LogVerbosity", "level:v1.Level request:v1.Verbosity response:v1.Verbosity"},
    {"v1.ManagedFieldsEntry", "manager:string operation:v1.ManagedFieldsOperationType "
			      "apiVersion:string time:*v1.Time fieldsType:string "
			      "fieldsV1:*v1.FieldsV1 subresource:string"},
    {"v1.Mirror", "endpoint:[]string rewrite:map[string]string"},
    {"v1.Namespace", OBJECT " spec:v1.NamespaceSpec status:v1.NamespaceStatus"},
    {"v1.NamespaceCondition", "type:v1.NamespaceConditionType status:v1.ConditionStatus "
			      "lastTransitionTime:v1.Time reason:string message:string"},
    {"v1.NamespaceSpec", "finalizers:[]v1.FinalizerName"},
    {"v1.NamespaceStatus", "phase:v1.NamespacePhase conditions:[]v1.NamespaceCondition"},
    {"v1.Networking", "stackPreference:string"},
    {"v1.NodeAffinity",
     "requiredDuringSchedulingIgnoredDuringExecution:*v1.NodeSelector "
     "preferredDuringSchedulingIgnoredDuringExecution:[]v1.PreferredSchedulingTerm"},
    {"v1.NodeSelector", "nodeSelectorTerms:[]v1.NodeSelectorTerm"},
    {"v1.NodeSelectorRequirement", "key:string operator:v1.NodeSelectorOperator values:[]string"},
    {"v1.NodeSelectorTerm", "matchExpressions:[]v1.NodeSelectorRequirement "
			    "matchFields:[]v1.NodeSelectorRequirement"},
    {"v1.OCIOptions", "downloadAllTags:bool tagFilter:string"},
    {"v1.ObjectMeta", "name:string generateName:string namespace:string selfLink:string "
		      "uid:types.UID resourceVersion:string generation:int64 "
		      "creationTimestamp:v1.Time deletionTimestamp:*v1.Time "
		      "deletionGracePeriodSeconds:*int64 labels:map[string]string "
		      "annotations:map[string]string ownerReferences:[]v1.OwnerReference "
		      "finalizers:[]string managedFields:[]v1.ManagedFieldsEntry"},
    {"v1.ObjectReference", "kind:string namespace:string name:string uid:types.UID "
			   "apiVersion:string resourceVersion:string fieldPath:string"},
    {"v1.OwnerReference", "apiVersion:string kind:string name:string uid:types.UID "
			  "controller:*bool blockOwnerDeletion:*bool"},
    {"v1.PodAffinity",
     "requiredDuringSchedulingIgnoredDuringExecution:[]v1.PodAffinityTerm "
     "preferredDuringSchedulingIgnoredDuringExecution:[]v1.WeightedPodAffinityTerm"},
    {"v1.PodAffinityTerm", "labelSelector:*v1.LabelSelector namespaces:[]string topologyKey:string "
			   "namespaceSelector:*v1.LabelSelector matchLabelKeys:[]string "
			   "mismatchLabelKeys:[]string"},
    {"v1.PodAntiAffinity",
     "requiredDuringSchedulingIgnoredDuringExecution:[]v1.PodAffinityTerm "
     "preferredDuringSchedulingIgnoredDuringExecution:[]v1.WeightedPodAffinityTerm"},
    {"v1.PodDisruptionBudgetSpec", "minAvailable:string maxUnavailable:string"},
    {"v1.PolicyRule", "verbs:[]string apiGroups:[]string resources:[]string "
		      "resourceNames:[]string nonResourceURLs:[]string"},
    {"v1.PreferredSchedulingTerm", "weight:int32 preference:v1.NodeSelectorTerm"},
    {"v1.PriorityClassSpec", "value:int preemptionPolicy:*v1.PreemptionPolicy"},
    {"v1.ProvisioningFileSource", "secret:v1.K8sObjectFileSource configMap:v1.K8sObjectFileSource"},
    {"v1.RKEConfig", "ClusterConfiguration.upgradeStrategy:v1.ClusterUpgradeStrategy "
		     "ClusterConfiguration.chartValues:v1.GenericMap "
		     "ClusterConfiguration.machineGlobalConfig:v1.GenericMap "
		     "ClusterConfiguration.machineSelectorConfig:[]v1.RKESystemConfig "
		     "ClusterConfiguration.machineSelectorFiles:[]v1.RKEProvisioningFiles "
		     "ClusterConfiguration.additionalManifest:string "
		     "ClusterConfiguration.registries:*v1.Registry "
		     "ClusterConfiguration.etcd:*v1.ETCD "
		     "ClusterConfiguration.networking:*v1.Networking "
		     "ClusterConfiguration.dataDirectories:v1.DataDirectories "
		     "ClusterConfiguration.provisionGeneration:int "
		     "etcdSnapshotCreate:*v1.ETCDSnapshotCreate "
		     "etcdSnapshotRestore:*v1.ETCDSnapshotRestore "
		     "rotateCertificates:*v1.RotateCertificates "
		     "rotateEncryptionKeys:*v1.RotateEncryptionKeys "
		     "machinePools:[]v1.RKEMachinePool "
		     "machinePoolDefaults:v1.RKEMachinePoolDefaults "
		     "infrastructureRef:*v1.ObjectReference"},
    {"v1.RKEMachinePool", "RKECommonNodeConfig.labels:map[string]string "
			  "RKECommonNodeConfig.taints:[]v1.Taint "
			  "RKECommonNodeConfig.cloudCredentialSecretName:string "
			  "userdata:*v1.UserdataSpec paused:bool etcdRole:bool "
			  "controlPlaneRole:bool workerRole:bool drainBeforeDelete:bool "
			  "drainBeforeDeleteTimeout:*v1.Duration "
			  "machineConfigRef:*v1.ObjectReference name:string displayName:string "
			  "quantity:*int32 rollingUpdate:*v1.RKEMachinePoolRollingUpdate "
			  "machineDeploymentLabels:map[string]string "
			  "machineDeploymentAnnotations:map[string]string "
			  "autoscalingMinSize:*int32 autoscalingMaxSize:*int32 "
			  "nodeStartupTimeout:*v1.Duration unhealthyNodeTimeout:*v1.Duration "
			  "maxUnhealthy:*string unhealthyRange:*string machineOS:string "
			  "dynamicSchemaSpec:string hostnameLengthLimit:int"},
    {"v1.RKEMachinePoolDefaults", "hostnameLengthLimit:int"},
    {"v1.RKEMachinePoolRollingUpdate",
     "maxUnavailable:*intstr.IntOrString maxSurge:*intstr.IntOrString"},
    {"v1.RKEProvisioningFiles", "machineLabelSelector:*v1.LabelSelector "
				"fileSources:[]v1.ProvisioningFileSource"},
    {"v1.RKESystemConfig", "machineLabelSelector:*v1.LabelSelector config:v1.GenericMap"},
    {"v1.Redaction", "headers:[]string paths:[]string"},
    {"v1.Registry", "mirrors:map[string]v1.Mirror configs:map[string]v1.RegistryConfig"},
    {"v1.RegistryConfig", "authConfigSecretName:string tlsSecretName:string caBundle:[]uint8 "
			  "insecureSkipVerify:bool"},
    {"v1.RepoSpec", "url:string insecurePlainHttp:bool gitRepo:string gitBranch:string "
		    "refreshInterval:int "
		    "exponentialBackOffValues:*v1.ExponentialBackOffValues "
		    "OCIOptions:*v1.OCIOptions caBundle:[]uint8 insecureSkipTLSVerify:bool "
		    "clientSecret:*v1.SecretReference basicAuthSecretName:string "
		    "forceUpdate:*v1.Time serviceAccount:string "
		    "serviceAccountNamespace:string enabled:*bool "
		    "disableSameOriginCheck:bool "
		    "defaultImagePullSecrets:[]v1.SecretReference"},
    {"v1.RepoStatus", "observedGeneration:int64 indexConfigMapName:string "
		      "indexConfigMapNamespace:string indexConfigMapResourceVersion:string "
		      "downloadTime:v1.Time url:string branch:string commit:string "
		      "conditions:[]genericcondition.GenericCondition numberOfRetries:int "
		      "nextRetryAt:v1.Time shouldNotSkip:bool"},
    {"v1.ResourceClaim", "name:string request:string"},
    {"v1.ResourceRequirements", "limits:v1.ResourceList requests:v1.ResourceList "
				"claims:[]v1.ResourceClaim"},
    {"v1.Role", OBJECT " rules:[]v1.PolicyRule"},
    {"v1.RoleBinding", OBJECT " subjects:[]v1.Subject roleRef:v1.RoleRef"},
    {"v1.RoleRef", "apiGroup:string kind:string name:string"},
    {"v1.RotateCertificates", "generation:int64 services:[]string"},
    {"v1.RotateEncryptionKeys", "generation:int64"},
    {"v1.Secret", OBJECT " immutable:*bool data:map[string][]uint8 stringData:map[string]string "
			 "type:v1.SecretType"},
    {"v1.SecretReference", "name:string namespace:string"},
    {"v1.Subject", "kind:string apiGroup:string name:string namespace:string"},
    {"v1.Taint", "key:string value:string effect:v1.TaintEffect timeAdded:*v1.Time"},
    {"v1.Toleration", "key:string operator:v1.TolerationOperator value:string "
		      "effect:v1.TaintEffect tolerationSeconds:*int64"},
    {"v1.UserdataSpec", "inlineUserdata:string"},
    {"v1.Verbosity", "headers:bool body:bool"},
    {"v1.WebhookDeploymentCustomization", "replicaCount:*int32 appendTolerations:[]v1.Toleration "
					  "overrideAffinity:*v1.Affinity "
					  "overrideResourceRequirements:*v1.ResourceRequirements "
					  "podDisruptionBudget:*v1.PodDisruptionBudgetSpec"},
    {"v1.WeightedPodAffinityTerm", "weight:int32 podAffinityTerm:v1.PodAffinityTerm"},
    {"v3.ClusterRoleTemplateBinding",
     OBJECT " userName:string userPrincipalName:string groupName:string "
	    "groupPrincipalName:string clusterName:string roleTemplateName:string "
	    "status:v3.ClusterRoleTemplateBindingStatus"},
    {"v3.ClusterRoleTemplateBindingStatus",
     "observedGenerationLocal:int64 observedGenerationRemote:int64 "
     "lastUpdateTime:string summary:string summaryLocal:string "
     "summaryRemote:string localConditions:[]v1.Condition "
     "remoteConditions:[]v1.Condition"},
    {"v3.Feature", OBJECT " spec:v3.FeatureSpec status:v3.FeatureStatus"},
    {"v3.FeatureSpec", "value:*bool"},
    {"v3.FeatureStatus", "dynamic:bool default:bool description:string lockedValue:*bool "
			 "prime:bool"},
    {"v3.FleetWorkspacePermission", "resourceRules:[]v1.PolicyRule workspaceVerbs:[]string"},
    {"v3.GlobalRole", OBJECT " newUserDefault:bool " GLOBAL_ROLE},
    {"v3.GlobalRoleStatus", "observedGeneration:int64 lastUpdateTime:string summary:string "
			    "conditions:[]v1.Condition"},
    {"v3.ProjectRoleTemplateBinding",
     OBJECT " userName:string userPrincipalName:string groupName:string "
	    "groupPrincipalName:string projectName:string roleTemplateName:string "
	    "serviceAccount:string"},
    {"v3.Setting", OBJECT " value:string default:string customized:bool source:string"},
};

static const struct row aliases[] = {
    {"types.UID", "string"},
    {"v1.ConditionStatus", "string"},
    {"v1.FilterAction", "string"},
    {"v1.FinalizerName", "string"},
    {"v1.LabelSelectorOperator", "string"},
    {"v1.Level", "int"},
    {"v1.ManagedFieldsOperationType", "string"},
    {"v1.NamespaceConditionType", "string"},
    {"v1.NamespacePhase", "string"},
    {"v1.NodeSelectorOperator", "string"},
    {"v1.PreemptionPolicy", "string"},
    {"v1.ResourceList", "map[string]resource.Quantity"},
    {"v1.SecretType", "string"},
    {"v1.TaintEffect", "string"},
    {"v1.TolerationOperator", "string"},
};

struct go_span go_span(const char *text)
{
	return (struct go_span){text, strlen(text)};
}

bool go_span_is(struct go_span span, const char *text)
{
	return strlen(text) == span.len && memcmp(span.at, text, span.len) == 0;
}

bool go_span_skip(struct go_span *span, const char *prefix)
{
	size_t len = strlen(prefix);

	if (span->len < len || memcmp(span->at, prefix, len) != 0)
		return false;
	span->at += len;
	span->len -= len;
	return true;
}

static int compare(const void *name, const void *row)
{
	const struct go_span *span = name;
	const char *other = ((const struct row *)row)->name;
	int order = strncmp(span->at, other, span->len);

	return order ? order : -(other[span->len] != '\0');
}

static const char *find(struct go_span name, const struct row *rows, size_t n)
{
	const struct row *row = bsearch(&name, rows, n, sizeof(*rows), compare);

	return row ? row->text : NULL;
}

const char *go_struct_members(struct go_span name)
{
	return find(name, structs, sizeof(structs) / sizeof(structs[0]));
}

struct go_span go_underlying(struct go_span type)
{
	const char *text = find(type, aliases, sizeof(aliases) / sizeof(aliases[0]));

	return text ? go_span(text) : type;
}

bool go_member_next(const char **members, struct go_member *member)
{
	const char *colon = strchr(*members, ':'), *end;

	if (!colon)
		return false;
	end = colon + strcspn(colon, " ");
	member->name = (struct go_span){*members, (size_t)(colon - *members)};
	member->type = (struct go_span){colon + 1, (size_t)(end - colon - 1)};
	member->key = member->name;
	for (const char *c = *members; c < colon; c++)
		if (*c == '.')
			member->key = (struct go_span){c + 1, (size_t)(colon - c - 1)};
	*members = end + (*end == ' ');
	return true;
}

bool go_member_find(const char *members, struct go_span key, struct go_member *member)
{
	while (go_member_next(&members, member))
		if (member->key.len == key.len && memcmp(member->key.at, key.at, key.len) == 0)
			return true;
	return false;
}
