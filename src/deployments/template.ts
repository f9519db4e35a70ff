/**
 * Reads a template's parameters, variables and functions into the scope in which its expressions are evaluated. Parameters
 * and variables are evaluated lazily. Pure.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { evaluateText, isKnownFunction } from './expressions/evaluation.ts';
import type { Scope, UserFunction, World } from './expressions/scope.ts';
import { type Expression, isExpression, parseExpression } from './expressions/syntax.ts';
import { placed, TemplateError } from './expressions/template-error.ts';
import { memberOf, stringOf } from './expressions/values.ts';
import { evaluated, evaluatedLoop } from './loops.ts';
import {
  checkNames,
  checkValue,
  declaredType,
  isSecretType,
  resolvedDeclaration,
  type TypedValue,
} from './parameters.ts';
import type { DeploymentRequest } from './request.ts';

/** For `utcNow()` and `newGuid()` in default values: the deployment's time, and GUIDs numbered within a parameter. */
export interface Fresh {
  readonly now: NonNullable<World['fresh']>['now'];
  readonly newGuid: (parameter: string, count: number) => string;
}

export interface ReadTemplate {
  readonly scope: Scope;
  readonly parameters: readonly TypedValue[];
}

/** Sections of a template that are not simulated; an empty one is accepted. */
const UNSUPPORTED = ['imports', 'extensions', 'asserts'] as const;

const objectIn = (owner: JsonObject, name: string): JsonObject => {
  const value = owner[name];
  if (value === undefined || value === null) return {};
  if (isJsonObject(value)) return value;
  throw new TemplateError(`The template's '${name}' must be an object.`);
};

/** Reads a template; throws a TemplateError for its faults. */
export function readTemplate(
  { template, parameters: given, loops }: DeploymentRequest,
  world: World,
  fresh: Fresh,
): ReadTemplate {
  checkSections(template);
  const functions = functionsOf(template);
  checkFunctions(template, functions);
  const declared = objectIn(template, 'parameters');
  const definitions = objectIn(template, 'definitions');
  checkNames(given, declared);
  const base = { world, userFunction: (name: string) => functions.get(name.toLowerCase()) };
  const parameter = lazily(declared, 'parameter', (name, declaration) => {
    if (!isJsonObject(declaration))
      throw new TemplateError(`The parameter '${name}' must be an object.`);
    const value = memberOf(given, name) ?? null;
    const resolved = resolvedDeclaration(declaration, definitions);
    if (value === null && resolved.defaultValue !== undefined) {
      let count = 0;
      const newGuid = (): string => fresh.newGuid(name, count++);
      return evaluated(resolved.defaultValue, {
        ...base,
        world: { ...world, fresh: { now: fresh.now, newGuid } },
        parameter,
        variable: noVariable,
        loops: {},
        lambdas: {},
      });
    }
    if (value === null && memberOf(given, name) === undefined && resolved.nullable !== true) {
      throw new TemplateError(
        `The value for the template parameter '${name}' is not provided. ` +
          'Please see https://aka.ms/arm-create-parameter-file for usage details.',
      );
    }
    return value;
  });
  const scope: Scope = {
    ...base,
    parameter,
    variable: variablesOf(objectIn(template, 'variables'), () => scope),
    loops,
    lambdas: {},
  };
  const typed = (name: string, declaration: Json): TypedValue => {
    const value = parameter(name) ?? null;
    const shape = isJsonObject(declaration) ? declaration : {};
    const what = `template parameter '${name}'`;
    checkValue(value, shape, { what, definitions });
    const type = declaredType(resolvedDeclaration(shape, definitions), what);
    return { name, type, value, isSecret: isSecretType(type) };
  };
  const parameters = Object.entries(declared).map(([name, declaration]) =>
    placed(['parameters', name], () => typed(name, declaration)),
  );
  return { scope, parameters };
}

function checkSections(template: JsonObject): void {
  const { resources } = template;
  if (!Array.isArray(resources) && !isJsonObject(resources)) {
    throw new TemplateError("The template's 'resources' must be an array or an object.");
  }
  for (const name of UNSUPPORTED) {
    const section = template[name];
    const isEmpty = section === undefined || section === null || Object.keys(section).length === 0;
    if (!isEmpty) throw new TemplateError(`The template's '${name}' are not simulated.`);
  }
}

const noVariable = (name: string): never => {
  throw new TemplateError(
    `The default value of a parameter must not use the template variable '${name}'.`,
  );
};

/** Members by name without case, each evaluated at its first use; one that depends on itself is refused. */
function lazily(
  declared: JsonObject,
  kind: string,
  make: (name: string, declaration: Json) => Json,
): (name: string) => Json | undefined {
  const byName = new Map(Object.entries(declared).map((entry) => [entry[0].toLowerCase(), entry]));
  const values = new Map<string, Json>();
  const evaluating = new Set<string>();
  return (name) => {
    const lower = name.toLowerCase();
    const known = values.get(lower);
    if (known !== undefined) return known;
    const entry = byName.get(lower);
    if (entry === undefined) return undefined;
    if (evaluating.has(lower)) throw new TemplateError(`The ${kind} '${name}' depends on itself.`);
    evaluating.add(lower);
    try {
      const value = make(entry[0], entry[1]);
      values.set(lower, value);
      return value;
    } finally {
      evaluating.delete(lower);
    }
  };
}

/** The variables, including those of copy loops. */
function variablesOf(declared: JsonObject, scope: () => Scope): Scope['variable'] {
  const { copy, ...plain } = declared;
  const loops = Array.isArray(copy) ? copy.filter(isJsonObject) : [];
  const looped = Object.fromEntries(loops.map((loop) => [stringOf(loop.name ?? ''), loop]));
  const names: JsonObject = Array.isArray(copy) ? { ...plain, ...looped } : declared;
  return lazily(names, 'variable', (name, declaration) =>
    Object.hasOwn(looped, name) && isJsonObject(declaration)
      ? evaluatedLoop(declaration, name, scope())
      : evaluated(declaration, scope()),
  );
}

function functionsOf(template: JsonObject): ReadonlyMap<string, UserFunction> {
  const functions = new Map<string, UserFunction>();
  const spaces = Array.isArray(template.functions) ? template.functions.filter(isJsonObject) : [];
  for (const space of spaces) {
    for (const [name, member] of Object.entries(objectIn(space, 'members'))) {
      if (!isJsonObject(member)) continue;
      const parameters = Array.isArray(member.parameters) ? member.parameters : [];
      functions.set(`${stringOf(space.namespace ?? '')}.${name}`.toLowerCase(), {
        parameters: parameters
          .filter(isJsonObject)
          .map(({ name: parameter }) => stringOf(parameter ?? '')),
        value: objectIn(member, 'output').value ?? null,
      });
    }
  }
  return functions;
}

/** Checks the functions of every expression in the template, also of those that are never evaluated. */
function checkFunctions(template: JsonObject, functions: ReadonlyMap<string, UserFunction>): void {
  const check = (expression: Expression): void => {
    if (expression.kind === 'literal') return;
    if (expression.kind === 'element') {
      check(expression.of);
      check(expression.index);
      return;
    }
    const { name } = expression;
    if (!isKnownFunction(name) && !functions.has(name.toLowerCase())) {
      throw new TemplateError(`The template function '${name}' is not valid: it is unknown.`);
    }
    expression.args.forEach(check);
  };
  const walk = (value: Json): void => {
    if (typeof value === 'string') {
      if (isExpression(value)) check(parseExpression(value));
    } else if (Array.isArray(value)) {
      value.forEach(walk);
    } else if (isJsonObject(value)) {
      // A nested template has functions of its own, and is checked when it is read.
      for (const [name, member] of Object.entries(value)) {
        if (name !== 'template' && name !== 'metadata') walk(member);
      }
    }
  };
  for (const [section, members] of Object.entries(template)) {
    const entries: readonly (readonly [string | number, Json])[] = Array.isArray(members)
      ? [...members.entries()]
      : Object.entries(isJsonObject(members) ? members : {});
    for (const [name, member] of entries) {
      if (name !== 'metadata')
        placed([section, name], () => {
          walk(member);
        });
    }
  }
}

/** A non-empty string of the template, evaluated; `what` names it in the refusal. */
export function textOf(value: Json | undefined, scope: Scope, what: string): string {
  const found = typeof value === 'string' ? evaluateText(value, scope) : value;
  if (typeof found === 'string' && found !== '') return found;
  throw new TemplateError(`The ${what} must be a non-empty string.`);
}
