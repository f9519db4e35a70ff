/**
 * The result of opening a sealed value, and the strict base64 in which sealed values are written. Faults reach clients and
 * logs, so they must not contain any part of a sealed or opened value.
 */

/** The opened text, or why it could not be opened, as a sentence without any part of it. */
export type Opened = { readonly plain: string } | { readonly fault: string };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The bytes of a padded base64 text, or undefined where it is not one. White space is ignored, as .NET's
 * `Convert.FromBase64String` does. Node's own decoder is not used, since it skips every character that is not base64.
 */
export function bytesOfBase64(text: string): Buffer | undefined {
  const dense = text.replace(/[ \t\r\n]/g, '');
  return dense !== '' && BASE64.test(dense) ? Buffer.from(dense, 'base64') : undefined;
}

/** The text of UTF-8 bytes without its byte order mark, or undefined where they are not UTF-8. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
