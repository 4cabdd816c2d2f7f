import { looksLikeEmail } from '@playhead/event-schemas';
import { idProblem } from '@playhead/service-kit';
import { bodyInvalid } from '../contract/body-validator.ts';

/** Ids that a body names have the shape that a token's have; else a 400 problem that names each wrong one. */
export function checkedBodyIds<K extends string>(
  items: readonly Readonly<Partial<Record<K, string>>>[],
  names: readonly K[],
  pointerOf: (index: number) => string = (index) => (items.length === 1 ? '' : `/${index}`),
): void {
  const errors = items.flatMap((item, index) =>
    names.flatMap((name) => {
      const wrong = item[name] === undefined ? undefined : idProblem(item[name]);
      return wrong === undefined ? [] : [{ pointer: `${pointerOf(index)}/${name}`, code: 'id', detail: wrong }];
    }),
  );
  if (errors.length > 0) throw bodyInvalid(errors);
}

/** A content id that looks like an e-mail address is a 400 problem: it would stand in every record. */
export function refuseEmails(contentIds: readonly (string | undefined)[]): void {
  const detail = 'looks like an e-mail address; allowed are opaque ids';
  const errors = contentIds.flatMap((contentId, index) => {
    if (contentId === undefined || !looksLikeEmail(contentId)) return [];
    return [{ pointer: `${contentIds.length === 1 ? '' : `/${index}`}/contentId`, code: 'email', detail }];
  });
  if (errors.length > 0) throw bodyInvalid(errors);
}
