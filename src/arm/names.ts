/** Rules for names, as ARM has them for everybody (arm-protocol §1.2). Types may be stricter (`ResourceType.nameRule`). */
import { MAX_DETAILS } from '#shared/envelope.ts';
import { shortened } from '#shared/outline.ts';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isGuid = (text: string): boolean => GUID.test(text);

/** What is wrong with a resource's name, or undefined. */
export function resourceNameFault(name: string): string | undefined {
  if (name.length > 260) return 'it is longer than 260 characters.';
  // eslint-disable-next-line no-control-regex -- the rule is about control characters
  if (/[<>%&:\\?/\u0000-\u001f\u007f]/.test(name)) {
    return 'it must not contain control characters or any of: < > % & : \\ ? /';
  }
  if (name.endsWith('.') || name.endsWith(' ')) return 'it must not end in a dot or a space.';
  return undefined;
}

/** What is wrong with a resource group's name, or undefined [rpc]. */
export function groupNameFault(name: string): string | undefined {
  if (name.length > 90) return 'it is longer than 90 characters.';
  if (!/^[\p{L}\p{N}\-_().]+$/u.test(name)) {
    return 'it may hold letters, digits, hyphens, underscores, parentheses and dots only.';
  }
  return name.endsWith('.') ? 'it must not end in a dot.' : undefined;
}

/** What is wrong with tags, by key: at most 50, keys up to 512 and values up to 256 characters [rpc, mem]. */
export function tagFaults(
  tags: Readonly<Record<string, string>>,
): { target: string; message: string }[] {
  const faults: { target: string; message: string }[] = [];
  const entries = Object.entries(tags);
  if (entries.length > 50) {
    faults.push({ target: 'tags', message: 'A resource has at most 50 tags.' });
  }
  for (const [key, value] of entries.slice(0, MAX_DETAILS)) {
    const target = `tags.${shortened(key)}`;
    if (key.length > 512) faults.push({ target, message: 'A tag key has at most 512 characters.' });
    if (/[<>%&\\?/]/.test(key)) {
      faults.push({ target, message: 'A tag key must not contain any of: < > % & \\ ? /' });
    }
    if (value.length > 256) {
      faults.push({ target, message: 'A tag value has at most 256 characters.' });
    }
  }
  return faults;
}

/** `West US` as `westus`: locations compare without case and spaces. */
export const normalisedLocation = (location: string): string =>
  location.toLowerCase().replaceAll(' ', '');
