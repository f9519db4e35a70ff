// Lets every test process reuse what another has compiled: stripping types is most of what a test file costs to start.
// Given to `node --test` as --import, which hands it on to the files it runs.
import { enableCompileCache } from 'node:module';

enableCompileCache();
