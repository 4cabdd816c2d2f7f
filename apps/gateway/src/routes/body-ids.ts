import { idProblem, problem } from '@playhead/service-kit';

/** Ids that a body names have the shape that a token's have; else a 400 problem that names each wrong one. */
export function checkedBodyIds<K extends string>(
  items: readonly Readonly<Partial<Record<K, string>>>[],
  names: readonly K[],
  pointerOf: (index: number) => string = (index) => (items.length === 1 ? '' : `/${index}`),
): void {
  const errors = items.flatMap((item, index) =>
    names.flatMap((name) => {
      const wrong = item[name] === undefined ? undefined : idProblem(item[name]);
      return wrong === undefined ? [] : [{ pointer: `${pointerOf(index)}/${name}`, code: 'id', detail: `is ${wrong}` }];
    }),
  );
  if (errors.length === 0) return;
  throw problem(400, 'body-invalid', {
    detail: `${errors[0]?.pointer} ${errors[0]?.detail}.`,
    errors: errors.slice(0, 20),
  });
}
