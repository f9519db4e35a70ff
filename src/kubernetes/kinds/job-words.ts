/** Labels, annotations and finalizers of Jobs and their pods. Source: apis/batch/types.go (kubernetes-facts.md 4.5). */
export const CONTROLLER_UID_LABEL = 'batch.kubernetes.io/controller-uid';
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';
export const LEGACY_CONTROLLER_UID_LABEL = 'controller-uid';
export const LEGACY_JOB_NAME_LABEL = 'job-name';
/** Names the index of a pod in a Job that numbers its completions. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
/** Holds a pod until its Job has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
