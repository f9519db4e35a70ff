/**
 * Rules of Jobs, with the real server's texts.
 * Source: apis/batch/validation/validation.go (kubernetes-facts.md 2.6). What the simulated controller does not do is refused here.
 */
import type { Job, JobSpec } from 'kubernetes-types/batch/v1.d.ts';
import { deepEqual } from '../objects/equal.ts';
import { labelsOf, nameOf, uidOf } from '../objects/object.ts';
import { selects } from '../objects/selectors.ts';
import { type FieldError, forbiddenField, invalid, required, unsupported } from '../status.ts';
import {
  CONTROLLER_UID_LABEL,
  JOB_NAME_LABEL,
  LEGACY_CONTROLLER_UID_LABEL,
  LEGACY_JOB_NAME_LABEL,
} from './job-words.ts';
import { labelFaults } from './names.ts';
import { podSpecErrors } from './pod-validation.ts';
import { goSelector, NOT_NEGATIVE, selectorErrors } from './workloads.ts';

const MODES = ['NonIndexed', 'Indexed'];
const POLICIES = ['OnFailure', 'Never'];
const MOST_PARALLEL = 100_000;
const IMMUTABLE = 'field is immutable';

/** What is wrong with a Job. */
export function jobErrors(job: Job): FieldError[] {
  const { spec } = job;
  if (spec === undefined) return [required('spec.template.spec.containers')];
  return [
    ...hostnameErrors(job),
    ...generatedErrors(job),
    ...numberErrors(spec),
    ...modeErrors(spec),
    ...unservedErrors(spec),
    ...podSpecErrors(spec.template.spec, { path: 'spec.template.spec' }),
    ...restartErrors(spec),
    ...(spec.selector === undefined ? [required('spec.selector')] : []),
    ...(selects(spec.selector, labelsOf(spec.template))
      ? []
      : [
          invalid(
            'spec.template.metadata.labels',
            labelsOf(spec.template),
            '`selector` does not match template `labels`',
          ),
        ]),
  ];
}

/** The pods of a Job that numbers them have host names of their own, which must be DNS labels. */
function hostnameErrors(job: Job): FieldError[] {
  const { completionMode, completions = 0 } = job.spec ?? {};
  if (completionMode !== 'Indexed' || completions <= 0) return [];
  const longest = `${nameOf(job)}-${completions - 1}`;
  return labelFaults(longest).length === 0
    ? []
    : [
        invalid(
          'metadata.name',
          nameOf(job),
          `will not able to create pod with invalid DNS hostname: ${longest}`,
        ),
      ];
}

/** The labels and the selector of a Job that does not bring its own are as they were generated. */
function generatedErrors(job: Job): FieldError[] {
  const { manualSelector, selector, template } = job.spec ?? {};
  if (manualSelector === true || selector === undefined) return [];
  const isPrefixed = selector.matchLabels?.[CONTROLLER_UID_LABEL] !== undefined;
  const expected: Record<string, string> = {
    [LEGACY_CONTROLLER_UID_LABEL]: uidOf(job),
    [LEGACY_JOB_NAME_LABEL]: nameOf(job),
    ...(isPrefixed ? { [CONTROLLER_UID_LABEL]: uidOf(job), [JOB_NAME_LABEL]: nameOf(job) } : {}),
  };
  const labels = labelsOf(template ?? {});
  const errors = Object.entries(expected).flatMap(([key, value]) => {
    const field = `spec.template.metadata.labels[${key}]`;
    if (labels[key] === undefined) return [required(field, `must be '${value}'`)];
    return labels[key] === value ? [] : [invalid(field, labels, `must be '${value}'`)];
  });
  if (selects(selector, expected)) return errors;
  const error = invalid('spec.selector', '', '`selector` not auto-generated');
  return [...errors, { ...error, shown: goSelector(selector) }];
}

const NUMBERS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
] as const;

const numberErrors = (spec: JobSpec): FieldError[] =>
  NUMBERS.flatMap((name) =>
    (spec[name] ?? 0) < 0 ? [invalid(`spec.${name}`, spec[name], NOT_NEGATIVE)] : [],
  );

function modeErrors({ completionMode = '', completions, parallelism = 0 }: JobSpec): FieldError[] {
  if (!MODES.includes(completionMode)) {
    return [unsupported('spec.completionMode', completionMode, MODES)];
  }
  if (completionMode !== 'Indexed') return [];
  const errors: FieldError[] = [];
  if (completions === undefined) {
    errors.push(required('spec.completions', 'when completion mode is Indexed'));
  }
  if (parallelism > MOST_PARALLEL) {
    errors.push(
      invalid(
        'spec.parallelism',
        parallelism,
        `must be less than or equal to ${MOST_PARALLEL} when completion mode is Indexed`,
      ),
    );
  }
  return errors;
}

const UNSERVED = [
  'podFailurePolicy',
  'successPolicy',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
  'managedBy',
] as const;

/** What the simulated controller does not do [ours]: a Job that asks for it would go another way than it says. */
function unservedErrors(spec: JobSpec): FieldError[] {
  const given = UNSERVED.filter((name) => spec[name] !== undefined);
  const errors = given.map((name) =>
    forbiddenField(`spec.${name}`, 'is not supported by this simulated cluster'),
  );
  const { podReplacementPolicy: policy } = spec;
  return policy === undefined || policy === 'TerminatingOrFailed'
    ? errors
    : [...errors, unsupported('spec.podReplacementPolicy', policy, ['TerminatingOrFailed'])];
}

function restartErrors({ template }: JobSpec): FieldError[] {
  const field = 'spec.template.spec.restartPolicy';
  const policy = template.spec?.restartPolicy ?? 'Always';
  if (policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  return POLICIES.includes(policy) ? [] : [unsupported(field, policy, POLICIES)];
}

/** What a change of a Job may not do. */
export function jobUpdateErrors(job: Job, old: Job): FieldError[] {
  const { spec } = job;
  if (spec === undefined || old.spec === undefined) return [];
  return [
    ...completionsErrors(spec, old.spec),
    ...selectorErrors(spec, old.spec),
    ...templateErrors(job, old),
    ...(spec.completionMode === old.spec.completionMode
      ? []
      : [invalid('spec.completionMode', spec.completionMode, IMMUTABLE)]),
  ];
}

/** How many completions a Job wants is fixed, but where it numbers them and runs all of them at a time. */
function completionsErrors(spec: JobSpec, old: JobSpec): FieldError[] {
  const { completions, parallelism, completionMode } = spec;
  if (completions === old.completions) return [];
  if (completionMode !== 'Indexed') return [invalid('spec.completions', completions, IMMUTABLE)];
  return completions === undefined || completions === parallelism
    ? []
    : [
        invalid(
          'spec.completions',
          completions,
          'can only be modified in tandem with spec.parallelism',
        ),
      ];
}

/** The template is fixed; where a Job waits and has never begun, its pods may still be sent elsewhere. */
function templateErrors(job: Job, old: Job): FieldError[] {
  const isWaiting = old.spec?.suspend === true && old.status?.startTime === undefined;
  const fixed = ({ spec }: Job): unknown => (isWaiting ? withoutPlacement(spec) : spec?.template);
  if (deepEqual(fixed(job), fixed(old))) return [];
  // The real text spells out the whole Go value, with addresses in memory.
  return [{ ...invalid('spec.template', '', IMMUTABLE), shown: 'core.PodTemplateSpec{...}' }];
}

/** The template without what decides where its pods go. */
function withoutPlacement(spec: JobSpec | undefined): unknown {
  const { template } = spec ?? {};
  return {
    ...template,
    metadata: { ...template?.metadata, labels: undefined, annotations: undefined },
    spec: {
      ...template?.spec,
      nodeSelector: undefined,
      tolerations: undefined,
      schedulingGates: undefined,
      affinity: { ...template?.spec?.affinity, nodeAffinity: undefined },
    },
  };
}
