/**
 * What the local web interface makes a machine do: take a configuration, and run its diagnostic tests.
 * Sources: [doc] (local-api): a configuration takes ten minutes or more.
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import { unchanged, withFact } from './change.ts';
import { conditionsOf } from './conditions.ts';
import { diagnosticsOf } from './diagnostics.ts';
import type { LocalConfig, PortSettings } from './local-settings.ts';
import type { CommandOf, Process } from './process.ts';
import { busy } from './refusals.ts';
import { isRunning } from './state.ts';

const CONFIGURATION: readonly Stage[] = [
  { name: 'check', lasts: seconds(30), source: '[doc] ten minutes or more; [ours] division' },
  {
    name: 'apply',
    lasts: [minutes(10), minutes(13)],
    source: '[doc] ten minutes or more; [ours] end',
  },
];
const DIAGNOSTICS: readonly Stage[] = [
  { name: 'run', lasts: [minutes(2), minutes(4)], source: '[ours] some minutes' },
];

/** The configuration after a package: each port and each type of certificate is set for itself, everything else as a whole. */
function withSettings(old: LocalConfig, next: LocalConfig): LocalConfig {
  const { interfaces, certificates } = next;
  const isPort =
    (one: PortSettings) =>
    ({ name, nodeName }: PortSettings): boolean =>
      name === one.name && nodeName === one.nodeName;
  return {
    ...old,
    ...next,
    ...(interfaces === undefined
      ? {}
      : {
          interfaces: [
            ...(old.interfaces ?? []).filter((one) => !interfaces.some(isPort(one))),
            ...interfaces,
          ],
        }),
    ...(certificates === undefined
      ? {}
      : {
          certificates: [
            ...(old.certificates ?? []).filter(
              ({ type }) => !certificates.some((one) => one.type === type),
            ),
            ...certificates,
          ],
        }),
  };
}

export const configureLocally: Process<CommandOf<'configureLocally'>> = {
  subject: () => '',
  needs: 'machine',
  refuse: (state) =>
    isRunning(state, 'configureLocally')
      ? busy('The device is being configured already.')
      : undefined,
  table: () => CONFIGURATION,
  begin: (state, { command: { declarations } }) =>
    withFact(
      {
        ...state,
        local: { config: {}, ...state.local, run: { names: [...declarations], isOver: false } },
      },
      'machine.configuring',
      { declarations: [...declarations] },
    ),
  finish: (state, { command: { config, declarations } }) => {
    const local = { ...state.local, config: withSettings(state.local?.config ?? {}, config) };
    return withFact(
      { ...state, local: { ...local, run: { names: [...declarations], isOver: true } } },
      'machine.configured',
      { declarations: [...declarations] },
    );
  },
};

export const runDiagnostics: Process<CommandOf<'runDiagnostics'>> = {
  subject: () => '',
  needs: 'machine',
  refuse: (state) =>
    isRunning(state, 'runDiagnostics')
      ? busy('The diagnostic tests of the device are running already.')
      : undefined,
  table: () => DIAGNOSTICS,
  finish: (state) => {
    const results = diagnosticsOf(state, conditionsOf(state));
    const failed = results.filter(({ status }) => status === 'Failed').map(({ test }) => test);
    const local = { config: {}, ...state.local, diagnostics: { at: state.at, results } };
    return failed.length === 0
      ? unchanged({ ...state, local })
      : withFact({ ...state, local }, 'machine.diagnosticsFailed', { tests: failed });
  },
};
