/**
 * Where the process begins. Node keeps what it compiled from now on, so the next start takes half the time and memory
 * (type stripping is the larger part of a first one); therefore everything else is imported after that is switched on.
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { serve } = await import('./server.ts');
await serve();
