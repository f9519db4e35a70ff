/**
 * What `+` and template strings give V8 keeps as a tree of parts, and what `slice` gives as a view of a longer text; where JSON.stringify
 * meets one of them it leaves its fast path for the rest of the object, and takes twice as long or longer (docs/decisions/0028).
 */

/** A lookup in a map makes the looked-up text one piece, in place. */
const LOOKED_UP = new Map([['', '']]);

/** The same text, in one piece: for texts that are kept in objects which are serialised again and again. */
export const flat = (text: string): string => LOOKED_UP.get(text) ?? text;
