/** Evaluates the outputs of a template after its resources have been deployed. */
import type { JsonObject } from '#shared/json.ts';
import { TemplateError } from './expressions/template-error.ts';
import { evaluated, evaluatedLoop } from './loops.ts';
import { isJsonObject } from '#shared/json.ts';
import { checkValue, declaredType, isSecretType, resolvedDeclaration } from './parameters.ts';
import { outputsOf, type Prepared } from './prepare.ts';
import { typedView } from './view.ts';

/** The outputs as `{name: {type, value}}`, secret ones without their values. */
export function outputsView(prepared: Prepared): JsonObject {
  const { scope, request } = prepared;
  const { definitions: given } = request.template;
  const definitions = isJsonObject(given) ? given : {};
  const outputs = outputsOf(prepared).filter(
    ([, { condition = true }]) => evaluated(condition, scope) === true,
  );
  return typedView(
    outputs.map(([name, output]) => {
      const what = `template output '${name}'`;
      const type = declaredType(resolvedDeclaration(output, definitions), what);
      const { copy } = output;
      if (!isJsonObject(copy) && output.value === undefined) {
        throw new TemplateError(`The ${what} has no value.`, 'DeploymentOutputEvaluationFailed');
      }
      const value = isJsonObject(copy)
        ? evaluatedLoop(copy, name, scope)
        : evaluated(output.value ?? null, scope);
      checkValue(value, output, { what, definitions });
      return { name, type, value, isSecret: isSecretType(type) };
    }),
  );
}
