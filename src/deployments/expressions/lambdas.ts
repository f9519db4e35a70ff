/** Functions that take a lambda: `map(array, lambda('x', …lambdaVariables('x')…))` [doc: template functions, lambda]. */
import type { Json } from '#shared/json.ts';
import type { Expression } from './syntax.ts';
import { TemplateError } from './template-error.ts';
import { Args, stringOf } from './values.ts';

type Call = Expression & { readonly kind: 'call' };
type Evaluate = (body: Expression, lambdas: Readonly<Record<string, Json>>) => Json;
type LambdaFunction = (call: Call, evaluate: Evaluate) => Json;

/** The lambda at an argument's index, as a function of its variables. */
function lambdaAt(call: Call, index: number, evaluate: Evaluate): (...values: Json[]) => Json {
  const lambda = call.args[index];
  if (lambda?.kind !== 'call' || lambda.name.toLowerCase() !== 'lambda') {
    throw new TemplateError(
      `The template function '${call.name}' is not valid here: its argument ${index + 1} must be a lambda.`,
    );
  }
  const names = lambda.args
    .slice(0, -1)
    .map((name) => (name.kind === 'literal' ? String(name.value).toLowerCase() : ''));
  const body = lambda.args.at(-1);
  return (...values) =>
    body === undefined
      ? null
      : evaluate(
          body,
          Object.fromEntries(names.map((name, place) => [name, values[place] ?? null])),
        );
}

function argsOf(call: Call, evaluate: Evaluate, ...indexes: number[]): Args {
  const values = indexes
    .map((index) => call.args[index])
    .filter((argument) => argument !== undefined)
    .map((argument) => evaluate(argument, {}));
  return new Args(call.name, values);
}

const entriesBy = (
  call: Call,
  evaluate: Evaluate,
): { readonly key: string; readonly item: Json }[] => {
  const keyOf = lambdaAt(call, 1, evaluate);
  return argsOf(call, evaluate, 0)
    .list(0)
    .map((item) => ({ key: stringOf(keyOf(item)), item }));
};

function groupBy(call: Call, evaluate: Evaluate): Json {
  const groups = Map.groupBy(entriesBy(call, evaluate), ({ key }) => key);
  return Object.fromEntries(
    [...groups].map(([key, entries]) => [key, entries.map(({ item }) => item)]),
  );
}

function toObject(call: Call, evaluate: Evaluate): Json {
  const valueOf =
    call.args.length > 2 ? lambdaAt(call, 2, evaluate) : (item: Json | undefined) => item ?? null;
  return Object.fromEntries(entriesBy(call, evaluate).map(({ key, item }) => [key, valueOf(item)]));
}

export const LAMBDA_FUNCTIONS: Readonly<Record<string, LambdaFunction>> = {
  map: (call, evaluate) => {
    const change = lambdaAt(call, 1, evaluate);
    return argsOf(call, evaluate, 0)
      .list(0)
      .map((item, index) => change(item, index));
  },
  filter: (call, evaluate) => {
    const predicate = lambdaAt(call, 1, evaluate);
    return argsOf(call, evaluate, 0)
      .list(0)
      .filter((item, index) => predicate(item, index) === true);
  },
  reduce: (call, evaluate) => {
    const next = lambdaAt(call, 2, evaluate);
    const args = argsOf(call, evaluate, 0, 1);
    return args.list(0).reduce((sum, item, index) => next(sum, item, index), args.at(1));
  },
  sort: (call, evaluate) => {
    const isBefore = lambdaAt(call, 1, evaluate);
    return argsOf(call, evaluate, 0)
      .list(0)
      .toSorted((one, other) => {
        if (isBefore(one, other) === true) return -1;
        return isBefore(other, one) === true ? 1 : 0;
      });
  },
  mapvalues: (call, evaluate) => {
    const change = lambdaAt(call, 1, evaluate);
    const object = argsOf(call, evaluate, 0).object(0);
    return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
  },
  groupby: groupBy,
  toobject: toObject,
};
