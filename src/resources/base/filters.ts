/** `$filter` of lists, as far as the contract describes it: one member equal to one value (`Type eq Share`). */

/**
 * Reads `{member} eq {value}`, the value with or without quotes. Names and values compare without case, as everywhere in
 * ARM [ours]. Undefined where the text says anything else.
 */
export function equalityFilter<View>(
  member: string,
  valueOf: (view: View) => string | undefined,
): (text: string) => ((view: View) => boolean) | undefined {
  return (text) => {
    const [, name = '', , quoted, bare = ''] =
      /^\s*(\w+)\s+eq\s+('(.*)'|(.*?))\s*$/i.exec(text) ?? [];
    const asked = (quoted ?? bare).toLowerCase();
    if (name.toLowerCase() !== member.toLowerCase() || asked === '') return undefined;
    return (view) => valueOf(view)?.toLowerCase() === asked;
  };
}
