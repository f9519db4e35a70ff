/**
 * Where the process begins. Node keeps what it compiled from now on, so the next start takes half the time and memory;
 * therefore everything else is imported after that is switched on.
 */
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { whenIdle } from '#schedule/idle.ts';

enableCompileCache();
// A service that mostly waits should not hold what it once needed: free pages go back at once, and after each spell of work the
// garbage too (where Node lets us: `--expose-gc`). While it works the heap may grow: kept to a third more than what is in use
// (`--memory-saver-mode`), it was collected whole more than once a second, which took half of all processor time of writes.
setFlagsFromString('--no-memory-pool');
const { gc } = globalThis;
if (gc !== undefined) {
  whenIdle(() => {
    gc({ execution: 'sync', flavor: 'last-resort', type: 'major' });
  });
}
const { serve } = await import('./server.ts');
// `edgetwin start --role worker` comes here with the command's own word.
const words = process.argv.slice(2);
await serve(words[0] === 'start' ? words.slice(1) : words);
