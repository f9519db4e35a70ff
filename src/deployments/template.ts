/**
 * A template and the names in it: parameters, variables, functions, made into the scope in which its expressions are
 * evaluated. Each name is evaluated when first asked for. Pure.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { evaluateText, isKnownFunction } from './expressions/evaluation.ts';
import type { Scope, UserFunction, World } from './expressions/scope.ts';
import { type Expression, isExpression, parseExpression } from './expressions/syntax.ts';
import { TemplateError } from './expressions/template-error.ts';
import { memberOf, written } from './expressions/values.ts';
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

/** What is fresh in a default value: the moment, and GUIDs numbered within a parameter. */
export interface Fresh {
  readonly now: NonNullable<World['fresh']>['now'];
  readonly newGuid: (parameter: string, count: number) => string;
}

export interface ReadTemplate {
  readonly scope: Scope;
  readonly parameters: readonly TypedValue[];
}

/** The sections of a template that this engine does not have; an empty one does no harm. */
const UNSUPPORTED = ['imports', 'extensions', 'asserts'] as const;

const objectIn = (owner: JsonObject, name: string): JsonObject => {
  const value = owner[name];
  if (value === undefined || value === null) return {};
  if (isJsonObject(value)) return value;
  throw new TemplateError(`The template's '${name}' must be an object.`);
};

/** Reads what names a template has; throws a TemplateError for what is wrong in it. */
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
  const parameter = once(declared, 'parameter', (name, declaration) => {
    if (!isJsonObject(declaration))
      throw new TemplateError(`The parameter '${name}' is no object.`);
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
  const parameters = Object.entries(declared).map(([name, declaration]): TypedValue => {
    const value = parameter(name) ?? null;
    const shape = isJsonObject(declaration) ? declaration : {};
    const what = `template parameter '${name}'`;
    checkValue(value, shape, { what, definitions });
    const type = declaredType(resolvedDeclaration(shape, definitions), what);
    return { name, type, value, isSecret: isSecretType(type) };
  });
  return { scope, parameters };
}

function checkSections(template: JsonObject): void {
  const { resources } = template;
  if (!Array.isArray(resources) && !isJsonObject(resources)) {
    throw new TemplateError("The template's 'resources' are missing, or neither array nor object.");
  }
  for (const name of UNSUPPORTED) {
    const section = template[name];
    const isEmpty = section === undefined || section === null || Object.keys(section).length === 0;
    if (!isEmpty) throw new TemplateError(`The template's '${name}' are not simulated.`);
  }
}

const noVariable = (name: string): never => {
  throw new TemplateError(
    `The template variable '${name}' is asked for by the default value of a parameter, which may not.`,
  );
};

/** Members by name without case, each made once; what asks for itself on the way is refused. */
function once(
  declared: JsonObject,
  kind: string,
  make: (name: string, declaration: Json) => Json,
): (name: string) => Json | undefined {
  const byName = new Map(Object.entries(declared).map((entry) => [entry[0].toLowerCase(), entry]));
  const made = new Map<string, Json>();
  const making = new Set<string>();
  return (name) => {
    const lower = name.toLowerCase();
    const known = made.get(lower);
    if (known !== undefined) return known;
    const entry = byName.get(lower);
    if (entry === undefined) return undefined;
    if (making.has(lower)) throw new TemplateError(`The ${kind} '${name}' depends on itself.`);
    making.add(lower);
    try {
      const value = make(entry[0], entry[1]);
      made.set(lower, value);
      return value;
    } finally {
      making.delete(lower);
    }
  };
}

/** Variables, those among them that a `copy` makes too. */
function variablesOf(declared: JsonObject, scope: () => Scope): Scope['variable'] {
  const { copy, ...plain } = declared;
  const loops = Array.isArray(copy) ? copy.filter(isJsonObject) : [];
  const looped = Object.fromEntries(loops.map((loop) => [written(loop.name ?? ''), loop]));
  const names: JsonObject = Array.isArray(copy) ? { ...plain, ...looped } : declared;
  return once(names, 'variable', (name, declaration) =>
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
      functions.set(`${written(space.namespace ?? '')}.${name}`.toLowerCase(), {
        parameters: parameters
          .filter(isJsonObject)
          .map(({ name: parameter }) => written(parameter ?? '')),
        value: objectIn(member, 'output').value ?? null,
      });
    }
  }
  return functions;
}

/** Parses every expression of the template, so that one which nobody will ask for is refused too. */
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
      throw new TemplateError(
        `The template function '${name}' is not valid: there is none of that name here.`,
      );
    }
    expression.args.forEach(check);
  };
  const walk = (value: Json): void => {
    if (typeof value === 'string') {
      if (isExpression(value)) check(parseExpression(value));
    } else if (Array.isArray(value)) {
      value.forEach(walk);
    } else if (isJsonObject(value)) {
      // An inner template has functions of its own, and is read when it is deployed.
      for (const [name, member] of Object.entries(value)) {
        if (name !== 'template' && name !== 'metadata') walk(member);
      }
    }
  };
  walk(template);
}

/** A text of the template that must not need a running deployment; `what` names it where it is none. */
export function textOf(value: Json | undefined, scope: Scope, what: string): string {
  const found = typeof value === 'string' ? evaluateText(value, scope) : value;
  if (typeof found === 'string' && found !== '') return found;
  throw new TemplateError(`The ${what} must be a text that is not empty.`);
}
