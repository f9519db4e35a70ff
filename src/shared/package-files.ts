/**
 * The location of the package's own files, which is the same for `src/` and for the built `dist/`.
 */

const ROOT = new URL('.', import.meta.resolve('#package'));

/** The URL of a file or folder of the package: `migrations/`, `package.json`. */
export function packageFile(path: string): URL {
  return new URL(path, ROOT);
}
