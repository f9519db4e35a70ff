/**
 * What opening something sealed gives, and the strict base64 that everything sealed travels in.
 * Used by the files of this room. Never puts any part of a sealed or opened value into a fault: faults reach clients and logs.
 */

/** The opened text, or why it could not be opened, in a sentence that shows none of it. */
export type Opened = { readonly plain: string } | { readonly fault: string };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The bytes of a padded base64 text, or undefined when it is none. White space is passed over, as .NET's
 * `Convert.FromBase64String` does. Node's own decoder skips whatever it does not know, so it cannot tell.
 */
export function bytesOfBase64(text: string): Buffer | undefined {
  const dense = text.replace(/[ \t\r\n]/g, '');
  return dense !== '' && BASE64.test(dense) ? Buffer.from(dense, 'base64') : undefined;
}

/** The text of UTF-8 bytes, or undefined when they are none; a byte order mark is dropped. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
