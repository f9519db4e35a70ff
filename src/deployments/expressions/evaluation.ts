/**
 * Evaluates template expressions. Faults of the template throw a TemplateError, references that have not been read yet an
 * UnresolvedReferenceError.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { COLLECTION_FUNCTIONS } from './collections.ts';
import { CONTEXT_FUNCTIONS, listAction } from './context.ts';
import { DATE_FUNCTIONS } from './dates.ts';
import { LAMBDA_FUNCTIONS } from './lambdas.ts';
import { NETWORK_FUNCTIONS } from './networks.ts';
import { NUMBER_FUNCTIONS } from './numbers.ts';
import type { Scope } from './scope.ts';
import { type Expression, isExpression, parseExpression } from './syntax.ts';
import { TemplateError } from './template-error.ts';
import { type PureFunction, TEXT_FUNCTIONS } from './texts.ts';
import { Args, bounded, memberOf, typeOf, stringOf } from './values.ts';

const PURE: ReadonlyMap<string, PureFunction> = new Map(
  [
    ...[TEXT_FUNCTIONS, NUMBER_FUNCTIONS, COLLECTION_FUNCTIONS],
    ...[DATE_FUNCTIONS, NETWORK_FUNCTIONS],
  ].flatMap((table) => Object.entries(table)),
);

/** Functions that do not evaluate all of their arguments. */
const LAZY_FUNCTIONS = new Set(['if', 'and', 'or', 'coalesce']);
/** Functions that do not look into the elements of their arguments. */
const SHALLOW_FUNCTIONS = new Set([
  ...['array', 'createarray', 'createobject', 'empty', 'first', 'last', 'length', 'range'],
  ...['skip', 'take', 'tryget', 'items', 'objectkeys', 'flatten', 'shallowmerge', 'coalesce'],
]);
/** How deep user functions may call each other `[ours]`. */
const MAX_CALL_DEPTH = 50;

/** Whether the name is that of a built-in function. */
export function isKnownFunction(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    PURE.has(lower) ||
    LAZY_FUNCTIONS.has(lower) ||
    Object.hasOwn(CONTEXT_FUNCTIONS, lower) ||
    Object.hasOwn(LAMBDA_FUNCTIONS, lower) ||
    lower === 'lambda' ||
    listAction(name) !== undefined
  );
}

/** The value of a string of a template: the value of an expression, or the string itself. */
export function evaluateText(text: string, scope: Scope): Json {
  if (isExpression(text)) return evaluate(parseExpression(text), scope);
  return text.startsWith('[[') ? text.slice(1) : text;
}

function evaluate(expression: Expression, scope: Scope, depth = 0): Json {
  const { budget } = scope.world;
  budget.spend(1);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'element':
      return elementOf(
        evaluate(expression.of, scope, depth),
        evaluate(expression.index, scope, depth),
      );
    case 'call': {
      const { name } = expression;
      const value = bounded(call(expression, scope, depth), name);
      budget.spendOnMaking(value, name);
      return value;
    }
  }
}

function elementOf(value: Json, index: Json): Json {
  if (Array.isArray(value)) {
    const item = typeof index === 'number' ? value[index] : undefined;
    if (item !== undefined) return item;
    throw new TemplateError(
      `The language expression property array index '${stringOf(index)}' is out of bounds.`,
    );
  }
  if (isJsonObject(value)) {
    const member = memberOf(value, stringOf(index));
    if (member !== undefined) return member;
    const names = Object.keys(value).join(', ');
    throw new TemplateError(
      `The language expression property '${stringOf(index)}' doesn't exist, available properties are '${names}'.`,
    );
  }
  throw new TemplateError(
    `The language expression property '${stringOf(index)}' can't be evaluated: ` +
      `the value is of type '${typeOf(value)}'.`,
  );
}

type Call = Expression & { readonly kind: 'call' };

function call(expression: Call, scope: Scope, depth: number): Json {
  const name = expression.name.toLowerCase();
  const value = (index: number): Json => {
    const argument = expression.args[index];
    if (argument === undefined) {
      throw new TemplateError(
        `The template function '${expression.name}' needs at least ${index + 1} arguments.`,
      );
    }
    return evaluate(argument, scope, depth);
  };
  if (LAZY_FUNCTIONS.has(name)) return choose(expression, value);
  const lambda = Object.hasOwn(LAMBDA_FUNCTIONS, name) ? LAMBDA_FUNCTIONS[name] : undefined;
  if (lambda !== undefined) {
    return lambda(expression, (body, lambdas) =>
      evaluate(body, { ...scope, lambdas: { ...scope.lambdas, ...lambdas } }, depth),
    );
  }
  const args = new Args(
    expression.name,
    expression.args.map((_, index) => value(index)),
  );
  const pure = PURE.get(name);
  if (pure !== undefined) {
    if (!SHALLOW_FUNCTIONS.has(name)) scope.world.budget.spendOnReading(args.all);
    return pure(args);
  }
  const context = Object.hasOwn(CONTEXT_FUNCTIONS, name) ? CONTEXT_FUNCTIONS[name] : undefined;
  if (context !== undefined) return context(args, scope);
  const user = scope.userFunction(name);
  if (user !== undefined) return callUser(expression.name, { args, scope, depth });
  const list = listAction(expression.name);
  if (list !== undefined) return list(args, scope);
  throw new TemplateError(
    `The template function '${expression.name}' is not valid here: it is unknown.`,
  );
}

/** Evaluates `if`, `and`, `or` and `coalesce`, with no more of their arguments than needed. */
function choose({ name, args }: Call, value: (index: number) => Json): Json {
  const truth = (index: number): boolean => {
    const found = value(index);
    if (typeof found === 'boolean') return found;
    throw new TemplateError(
      `The template function '${name}' is not valid here: its argument ${index + 1} must be of type 'Boolean'.`,
    );
  };
  switch (name.toLowerCase()) {
    case 'if':
      if (args.length !== 3) {
        throw new TemplateError(
          "The template function 'if' is not valid here: it needs 3 arguments.",
        );
      }
      return truth(0) ? value(1) : value(2);
    case 'and':
      return args.every((_, index) => truth(index));
    case 'or':
      return args.some((_, index) => truth(index));
    default:
      for (const index of args.keys()) {
        const found = value(index);
        if (found !== null) return found;
      }
      return null;
  }
}

/** Calls a user function, which sees its own parameters and the template's functions only [doc]. */
function callUser(
  name: string,
  { args, scope, depth }: { readonly args: Args; readonly scope: Scope; readonly depth: number },
): Json {
  const declared = scope.userFunction(name.toLowerCase());
  if (declared === undefined) return null;
  if (depth >= MAX_CALL_DEPTH) throw args.fault('user functions call each other too deeply');
  if (args.count !== declared.parameters.length) {
    throw args.fault(`it needs ${declared.parameters.length} arguments`);
  }
  const given = new Map(
    declared.parameters.map((parameter, index) => [parameter.toLowerCase(), args.at(index)]),
  );
  const inside: Scope = {
    ...scope,
    parameter: (parameter) => given.get(parameter.toLowerCase()),
    variable: () => undefined,
    loops: {},
    lambdas: {},
  };
  return evaluateTree(declared.value, (text) =>
    isExpression(text)
      ? evaluate(parseExpression(text), inside, depth + 1)
      : evaluateText(text, inside),
  );
}

/** `value` with `change` applied to every string, and to names of members that are expressions. */
function evaluateTree(value: Json, change: (text: string) => Json): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => evaluateTree(item, change));
  if (!isJsonObject(value)) return value;
  const members: JsonObject = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      isExpression(name) ? stringOf(change(name)) : name,
      evaluateTree(member, change),
    ]),
  );
  return members;
}
