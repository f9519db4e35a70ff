/**
 * Jobs. Sources: apis/batch/v1/defaults.go; registry/batch/job/strategy.go, storage/storage.go; printers.go printJob
 * (kubernetes-facts.md 1.1, 1.2, 4.5, 6.6). Columns are those up to 1.29: later ones have a status, and no release installs them.
 */
import type { Job, JobSpec } from 'kubernetes-types/batch/v1.d.ts';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import { instantOf, labelsOf, maybe, nameOf, uidOf, withMeta } from '../objects/object.ts';
import { ageOf, AGE, column, NAME, shortDuration, wide } from '../tables/columns.ts';
import { jobErrors, jobUpdateErrors } from './job-validation.ts';
import {
  CONTROLLER_UID_LABEL,
  JOB_NAME_LABEL,
  LEGACY_CONTROLLER_UID_LABEL,
  LEGACY_JOB_NAME_LABEL,
} from './job-words.ts';
import { defineKind } from './kind.ts';
import { containersText, imagesText, selectorText, templateDefaults } from './workloads.ts';

/** The minor version from which on generated labels have the prefix of their group, besides those without. */
const FIRST_PREFIXED_LABELS = 27;
const DEFAULT_BACKOFF_LIMIT = 6;

export const JOBS = defineKind<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  resource: 'jobs',
  categories: ['all'],
  isNamespaced: true,
  message: 'batch.v1.Job',
  hasStatus: true,
  generation: 'spec',
  orphanWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  columns: [
    NAME,
    column<Job>('Completions', completionsText),
    column<Job>('Duration', ({ status }, { now }) => {
      const { startTime, completionTime } = status ?? {};
      if (startTime === undefined) return '';
      const end = instantOf(completionTime);
      return end === undefined
        ? ageOf(startTime, now)
        : shortDuration(end - (instantOf(startTime) ?? end));
    }),
    AGE,
    wide<Job>('Containers', ({ spec }) => containersText(spec?.template)),
    wide<Job>('Images', ({ spec }) => imagesText(spec?.template)),
    wide<Job>('Selector', ({ spec }) => selectorText(spec?.selector)),
  ],
  defaults: (job) => (job.spec === undefined ? job : withDefaults(job, job.spec)),
  complete: (job, minor) => withTemplateLabels(withGeneratedSelector(job, minor)),
  validate: jobErrors,
  validateUpdate: jobUpdateErrors,
  selectable: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
});

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function withDefaults(job: Job, spec: JobSpec): Job {
  const isSingle = spec.completions === undefined && spec.parallelism === undefined;
  return withTemplateLabels({
    ...job,
    spec: {
      ...(isSingle ? { completions: 1 } : {}),
      parallelism: 1,
      backoffLimit: DEFAULT_BACKOFF_LIMIT,
      completionMode: 'NonIndexed',
      suspend: false,
      ...spec,
      template: templateDefaults(maybe(spec.template) ?? {}),
    },
  });
}

/** A Job without labels of its own has those of its pods. */
function withTemplateLabels(job: Job): Job {
  const labels = job.spec?.template.metadata?.labels ?? {};
  const isUnlabelled = Object.keys(labelsOf(job)).length === 0;
  return isUnlabelled && Object.keys(labels).length > 0 ? withMeta(job, { labels }) : job;
}

/** Labels by which the pods of the Job are told from all others, and the selector of them, unless it brings its own. */
function withGeneratedSelector(job: Job, minor: number): Job {
  const { spec } = job;
  if (spec === undefined || spec.manualSelector === true) return job;
  const isPrefixed = minor >= FIRST_PREFIXED_LABELS;
  const [name, uid] = [nameOf(job), uidOf(job)];
  const template: PodTemplateSpec = {
    ...spec.template,
    metadata: {
      ...spec.template.metadata,
      labels: {
        [LEGACY_JOB_NAME_LABEL]: name,
        [LEGACY_CONTROLLER_UID_LABEL]: uid,
        ...(isPrefixed ? { [JOB_NAME_LABEL]: name, [CONTROLLER_UID_LABEL]: uid } : {}),
        ...spec.template.metadata?.labels,
      },
    },
  };
  const key = isPrefixed ? CONTROLLER_UID_LABEL : LEGACY_CONTROLLER_UID_LABEL;
  const selector = { ...spec.selector, matchLabels: { [key]: uid, ...spec.selector?.matchLabels } };
  return { ...job, spec: { ...spec, selector, template } };
}
