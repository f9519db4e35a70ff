/** Evaluates values of templates with everything in them: expressions, and `copy` loops of properties. Pure. */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { evaluateText } from './expressions/evaluation.ts';
import { inLoop, type Scope } from './expressions/scope.ts';
import { isExpression } from './expressions/syntax.ts';
import { TemplateError } from './expressions/template-error.ts';
import { stringOf } from './expressions/values.ts';

/** ARM's own limit of a loop's iterations [doc]. */
const MAX_ITERATIONS = 800;

/**
 * Evaluates `value` and the names of its members. `copy: [{name, count, input}]` in an object is replaced by the members that
 * it names.
 */
export function evaluated(value: Json, scope: Scope): Json {
  scope.world.budget.spend(1);
  if (typeof value === 'string') return evaluateText(value, scope);
  if (Array.isArray(value)) return value.map((item) => evaluated(item, scope));
  if (!isJsonObject(value)) return value;
  const members: [string, Json][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (name === 'copy' && isLoops(member)) {
      for (const loop of member) {
        const made = stringOf(loop.name ?? '');
        members.push([made, evaluatedLoop(loop, made, scope)]);
      }
    } else {
      members.push([
        isExpression(name) ? stringOf(evaluateText(name, scope)) : name,
        evaluated(member, scope),
      ]);
    }
  }
  return Object.fromEntries(members);
}

const isLoops = (value: Json): value is JsonObject[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((loop) => isJsonObject(loop) && typeof loop.name === 'string' && 'count' in loop);

/** The values of all iterations of a loop. */
export function evaluatedLoop(loop: JsonObject, name: string, scope: Scope): Json {
  const { input } = loop;
  if (input === undefined) throw new TemplateError(`The copy loop '${name}' has no 'input'.`);
  return iterationsOf(loop, name, scope).map((iteration) => evaluated(input, iteration));
}

/** The scope of each iteration of a loop. */
export function iterationsOf(loop: JsonObject, name: string, scope: Scope): Scope[] {
  const count = evaluated(loop.count ?? null, scope);
  if (
    typeof count !== 'number' ||
    !Number.isInteger(count) ||
    count < 0 ||
    count > MAX_ITERATIONS
  ) {
    throw new TemplateError(
      `The copy count of '${name}' must be an integer from 0 to ${MAX_ITERATIONS}. ` +
        'Please see https://aka.ms/arm-resource-loops for usage details.',
    );
  }
  scope.world.budget.spend(count);
  return Array.from({ length: count }, (_, index) => inLoop(scope, name, index));
}
