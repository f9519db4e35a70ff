/**
 * What a schema says to the compiler: the type of a body that a client may send, and of a view that a GET shows. Types only.
 * Both follow from one declaration, so a misspelt member of either does not compile.
 */
import type {
  Static,
  TArray,
  TObject,
  TOptional,
  TProperties,
  TRecord,
  TSchema,
  TUnsafe,
} from 'typebox';

/** A member that a client may send, and that is ignored: it is shown, and not in any body. */
export type ReadOnly<S extends TSchema> = S & { readonly readOnly: true };

/** A member that is in bodies and in no view: a secret. */
export type WriteOnly<S extends TSchema> = S & { readonly 'x-write-only': true };

/** A required member that some api-versions let a client leave out. */
export type RequiredExceptIn<S extends TSchema> = S & { readonly 'x-optional-in': string };

/** An enum that lets other values pass: a body may hold any string, a view shows the known ones. */
export type OpenEnum<V extends string> = TUnsafe<V> & { readonly 'x-values': readonly V[] };

type MayBeMissing = TOptional | { readonly 'x-optional-in': string };

/** A type with its members written out, so that a message of the compiler shows them. */
type Flat<T> = { [K in keyof T]: T[K] };

/**
 * A body as the verbs hand it on, in any api-version: what a client may send, in its proper spelling. What is read-only is
 * not in it; what is optional, or is so in some api-versions, may be missing.
 */
export type Accepted<S> =
  S extends OpenEnum<string>
    ? string
    : S extends TObject<infer P>
      ? AcceptedMembers<P>
      : S extends TArray<infer I>
        ? Accepted<I>[]
        : S extends TRecord<string, infer V>
          ? Record<string, Accepted<V>>
          : S extends TSchema
            ? Static<S>
            : never;

type AcceptedMembers<P extends TProperties> = Flat<
  {
    [K in keyof P as P[K] extends ReadOnly<TSchema> | MayBeMissing ? never : K]: Accepted<P[K]>;
  } & {
    [K in keyof P as P[K] extends ReadOnly<TSchema>
      ? never
      : P[K] extends MayBeMissing
        ? K
        : never]?: Accepted<P[K]>;
  }
>;

/**
 * A view in the newest shape: everything but secrets, read-only members included. A member that is optional may also be
 * `undefined`, and then it is not shown.
 */
export type Shown<S> =
  S extends TObject<infer P>
    ? ShownMembers<P>
    : S extends TArray<infer I>
      ? Shown<I>[]
      : S extends TRecord<string, infer V>
        ? Record<string, Shown<V>>
        : S extends TSchema
          ? Static<S>
          : never;

type ShownMembers<P extends TProperties> = Flat<
  {
    [K in keyof P as P[K] extends WriteOnly<TSchema> | MayBeMissing ? never : K]: Shown<P[K]>;
  } & {
    [K in keyof P as P[K] extends WriteOnly<TSchema>
      ? never
      : P[K] extends MayBeMissing
        ? K
        : never]?: Shown<P[K]> | undefined;
  }
>;
