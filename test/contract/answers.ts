/**
 * Whether an answer is what the official swagger of its version shows: by a validator of JSON Schema, and beyond it that
 * nothing is in it that the swagger does not have.
 */
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { isJsonObject, type Json } from '#shared/json.ts';
import { type OfficialContract, schemaFiles } from './official.ts';
import { type DocumentNode, type Shape, shapeOf } from './shape.ts';

const BASE = 'spec:/';

export class AnswerCheck {
  readonly #ajv: Ajv;

  constructor(contracts: readonly OfficialContract[]) {
    // The swaggers are of an older dialect, with keywords of their own.
    this.#ajv = new Ajv({
      strict: false,
      allErrors: true,
      validateSchema: false,
      inlineRefs: false,
      code: { optimize: false },
    });
    addFormats.default(this.#ajv);
    // Shapes load the common types, which then are files too.
    for (const { swagger, source } of contracts) {
      for (const name of Object.keys(swagger.definitions)) {
        shapeOf({ $ref: `#/definitions/${name}` }, source);
      }
    }
    for (const [path, document] of schemaFiles(contracts)) {
      this.#ajv.addSchema(document, BASE + path);
    }
  }

  /** What is wrong with `body` as `schema` of the contract, a line each. */
  faults(contract: OfficialContract, schema: DocumentNode, body: Json): string[] {
    const kind = isJsonObject(body) && typeof body.kind === 'string' ? body.kind : undefined;
    const derived =
      schema.$ref === undefined || kind === undefined
        ? undefined
        : contract.source.kindsOf(schema.$ref).get(kind);
    const ref = (derived ?? schema).$ref ?? '';
    const id = `${BASE}openapi/${contract.version}/databoxedge.json${ref}`;
    const validate = this.#ajv.getSchema(id);
    if (validate === undefined) throw new Error(`the contract has no ${id}`);
    void validate(body);
    const found = (validate.errors ?? []).map(
      ({ instancePath, message = '' }) => `${placeOf(instancePath)} ${message}`,
    );
    return [...new Set([...found, ...unknownMembers(shapeOf(schema, contract.source), body, '')])];
  }
}

/** `/value/0/properties` as `value[].properties`. */
const placeOf = (pointer: string): string =>
  pointer.replaceAll(/\/\d+/g, '[]').replaceAll('/', '.').replace(/^\./, '');

function unknownMembers(shape: Shape, value: Json | undefined, path: string): string[] {
  if (Array.isArray(value)) {
    const { items } = shape;
    return items === undefined
      ? []
      : value.flatMap((item) => unknownMembers(items, item, `${path}[]`));
  }
  if (!isJsonObject(value)) return [];
  const { kind } = value;
  const own = (typeof kind === 'string' ? shape.kinds.get(kind) : undefined) ?? shape;
  const isOpen = own.members.size === 0 || own.entries !== undefined;
  return Object.entries(value).flatMap(([name, inner]) => {
    const place = path === '' ? name : `${path}.${name}`;
    const member = own.members.get(name);
    if (member !== undefined) return unknownMembers(member.shape, inner, place);
    if (own.entries !== undefined) return unknownMembers(own.entries, inner, `${path}.*`);
    return isOpen ? [] : [`${place} is not in the contract`];
  });
}
