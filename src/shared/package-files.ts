/** Where the package's own files are, the same from `src/` and from the built `dist/`. For those that read one of them. */

const ROOT = new URL('.', import.meta.resolve('#package'));

/** The URL of a file or folder of the package: `migrations/`, `package.json`. */
export function packageFile(path: string): URL {
  return new URL(path, ROOT);
}
