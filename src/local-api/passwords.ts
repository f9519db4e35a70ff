/** The rule of the administrator's password: 8 to 16 characters, three of four kinds (access, ps; appliance.md §3). */
const KINDS = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/];
const MIN_KINDS = 3;

export const fewest =
  'The password must have 8 to 16 characters, of three of these kinds: lower case, upper case, digits, others.';

export const isGoodPassword = (password: string): boolean =>
  /^.{8,16}$/s.test(password) && KINDS.filter((kind) => kind.test(password)).length >= MIN_KINDS;
