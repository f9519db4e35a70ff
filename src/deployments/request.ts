/** The request of a deployment, read from the body of a PUT, of `validate` or of `whatIf`. */
import { errors } from '#arm/errors.ts';
import { tagFaults } from '#arm/names.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';

export type DeploymentMode = 'Incremental' | 'Complete';

/** A deployment's request; it is stored sealed. */
export interface DeploymentRequest {
  readonly mode: DeploymentMode;
  readonly template: JsonObject;
  /** Values by name. */
  readonly parameters: JsonObject;
  readonly location: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Indexes of the enclosing copy loops, by name, for a nested deployment with outer expressions. */
  readonly loops: Readonly<Record<string, number>>;
}

/** Reads a request; `needsLocation` for deployments of subscriptions, which must name where they are stored. */
export function readRequest(body: Json | undefined, needsLocation: boolean): DeploymentRequest {
  if (!isJsonObject(body)) throw errors.malformedContent('The request body must be a JSON object');
  const faults: Fault[] = [];
  const properties = objectAt(body, 'properties', faults) ?? {};
  const template = templateIn(properties, faults);
  const parameters = parametersIn(properties, faults);
  const mode = modeIn(properties, faults);
  const { location } = body;
  if (location !== undefined && location !== null && typeof location !== 'string') {
    faults.push({ target: 'location', message: "The value of 'location' must be a string." });
  }
  const tags = tagsIn(body, faults);
  if (isJsonObject(properties.onErrorDeployment)) {
    const target = 'properties.onErrorDeployment';
    faults.push({ target, message: 'onErrorDeployment is not simulated; omit it.' });
  }
  if (faults.length > 0) throw errors.invalidContent(faults);
  if (needsLocation && typeof location !== 'string') throw errors.locationRequired();
  return {
    mode,
    template: template ?? {},
    parameters,
    location: typeof location === 'string' ? location : undefined,
    tags,
    loops: {},
  };
}

function objectAt(owner: JsonObject, name: string, faults: Fault[]): JsonObject | undefined {
  const value = owner[name];
  if (isJsonObject(value)) return value;
  if (value !== undefined && value !== null) {
    faults.push({ target: name, message: `The value of '${name}' must be an object.` });
  }
  return undefined;
}

function templateIn(properties: JsonObject, faults: Fault[]): JsonObject | undefined {
  const template = objectAt(properties, 'template', faults);
  const linked = ['templateLink', 'parametersLink'].find((name) => isJsonObject(properties[name]));
  if (linked !== undefined) {
    const message = `'${linked}' is not simulated: send the content inline.`;
    faults.push({ target: `properties.${linked}`, message });
  } else if (template === undefined) {
    const target = 'properties.template';
    faults.push({ target, message: "The required property 'properties.template' is missing." });
  }
  return template;
}

function modeIn(properties: JsonObject, faults: Fault[]): DeploymentMode {
  const mode = properties.mode ?? 'Incremental';
  const known = (['Incremental', 'Complete'] as const).find(
    (name) => typeof mode === 'string' && name.toLowerCase() === mode.toLowerCase(),
  );
  if (known === undefined) {
    const message = "The value of 'properties.mode' must be one of: Incremental, Complete.";
    faults.push({ target: 'properties.mode', message });
  }
  return known ?? 'Incremental';
}

function tagsIn(body: JsonObject, faults: Fault[]): Record<string, string> {
  const tags = objectAt(body, 'tags', faults) ?? {};
  for (const [name, value] of Object.entries(tags)) {
    if (typeof value !== 'string') {
      faults.push({
        target: `tags.${name}`,
        message: `The value of 'tags.${name}' must be a string.`,
      });
    }
  }
  const texts = tags as Record<string, string>;
  if (faults.length === 0) faults.push(...tagFaults(texts));
  return texts;
}

/** Reads `{name: {value}}` to `{name: value}`. */
function parametersIn(properties: JsonObject, faults: Fault[]): JsonObject {
  const given = objectAt(properties, 'parameters', faults) ?? {};
  return valuesOf(given, (name, message) =>
    faults.push({ target: `properties.parameters.${name}`, message }),
  );
}

/** The values of `{name: {value}}`; invalid entries are passed to `report` with their fault. */
export function valuesOf(
  given: JsonObject,
  report: (name: string, message: string) => void,
): JsonObject {
  const values: JsonObject = {};
  for (const [name, entry] of Object.entries(given)) {
    if (isJsonObject(entry) && isJsonObject(entry.reference)) {
      report(name, `The parameter '${name}' refers to a key vault, which is not simulated.`);
    } else if (!isJsonObject(entry) || entry.value === undefined) {
      report(name, `The parameter '${name}' must be an object with a 'value'.`);
    } else {
      values[name] = entry.value;
    }
  }
  return values;
}
