/** The prices that billing counts with: those of the file that the configuration names, or the default ones. Called by `app.ts`. */
import { DEFAULT_PRICES, loadPrices, type Prices } from '#billing/prices.ts';
import { type Config, ConfigError } from './config.ts';

/** Throws a `ConfigError` that names every fault of the file. */
export function pricesOf(config: Config): Prices {
  if (config.pricesFile === undefined) return DEFAULT_PRICES;
  const loaded = loadPrices(config.pricesFile);
  if ('prices' in loaded) return loaded.prices;
  const faults = loaded.faults.map((fault) => `${fault.target}: ${fault.message}`).join(' ');
  throw new ConfigError(`Configuration: EDGETWIN_PRICES=${config.pricesFile}: ${faults}`);
}
