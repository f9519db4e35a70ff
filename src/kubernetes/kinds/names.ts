/**
 * Rules of names, labels and keys, with the real server's texts.
 * Sources: apimachinery util/validation (kubernetes-facts.md 2.2).
 */
import type { NameRule } from './kind.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const NAME_PART = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${NAME_PART})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const PATTERNS = {
  label: whole(LABEL),
  subdomain: whole(SUBDOMAIN),
  label1035: whole(LABEL_1035),
  namePart: whole(NAME_PART),
  labelValue: whole(LABEL_VALUE),
  configKey: whole(CONFIG_KEY),
};

const SUBDOMAIN_TEXT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const LABEL_TEXT = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const LABEL_1035_TEXT = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${LABEL_1035}')`;
const NAME_PART_TEXT = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME_PART}')`;
const LABEL_VALUE_TEXT = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`;
const CONFIG_KEY_TEXT = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '${CONFIG_KEY}')`;

const tooLong = (length: number): string => `must be no more than ${length} characters`;

/** What is wrong with a name of an object under its kind's rule. */
export function nameFaults(name: string, rule: NameRule): readonly string[] {
  switch (rule) {
    case 'subdomain':
      return faults(name, { pattern: PATTERNS.subdomain, text: SUBDOMAIN_TEXT, longest: 253 });
    case 'label':
      return labelFaults(name);
    case 'label1035':
      return faults(name, { pattern: PATTERNS.label1035, text: LABEL_1035_TEXT, longest: 63 });
    case 'pathSegment':
      return pathSegmentFaults(name);
  }
}

interface Rule {
  readonly pattern: RegExp;
  readonly text: string;
  readonly longest: number;
}

const faults = (text: string, rule: Rule): string[] => [
  ...(text.length > rule.longest ? [tooLong(rule.longest)] : []),
  ...(rule.pattern.test(text) ? [] : [rule.text]),
];

/** What is wrong with a DNS label, such as the name of a container. */
export function labelFaults(text: string): readonly string[] {
  if (text.includes('.') && PATTERNS.subdomain.test(text)) return ['must not contain dots'];
  return faults(text, { pattern: PATTERNS.label, text: LABEL_TEXT, longest: 63 });
}

function pathSegmentFaults(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%']
    .filter((sign) => name.includes(sign))
    .map((sign) => `may not contain '${sign}'`);
}

/** What is wrong with a key of a label or an annotation. */
export function qualifiedNameFaults(key: string): readonly string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME_PART}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  const found: string[] = [];
  if (parts.length === 2) {
    const [prefix = ''] = parts;
    if (prefix === '') found.push('prefix part must be non-empty');
    else found.push(...nameFaults(prefix, 'subdomain').map((text) => `prefix part ${text}`));
  }
  if (name === '') found.push('name part must be non-empty');
  else if (name.length > 63) found.push('name part must be no more than 63 characters');
  if (!PATTERNS.namePart.test(name)) found.push(NAME_PART_TEXT);
  return found;
}

export const labelValueFaults = (value: string): readonly string[] =>
  faults(value, { pattern: PATTERNS.labelValue, text: LABEL_VALUE_TEXT, longest: 63 });

/** What is wrong with a key of a ConfigMap or a Secret. */
export function configKeyFaults(key: string): readonly string[] {
  if (key === '.' || key === '..') return [`must not be '${key}'`];
  if (key.startsWith('..')) return [`must not start with '..'`];
  return faults(key, { pattern: PATTERNS.configKey, text: CONFIG_KEY_TEXT, longest: 253 });
}
