/** What bulk mail must have: a way out, and one that takes a single click (RFC 2369, RFC 8058). */

import type { FilterReason } from '../../model/authentication.ts';
import type { Stream } from '../../model/delivery.ts';
import type { UnsubscribeWays } from '../unsubscribe-ways.ts';
import { against } from './rule.ts';

export function bulkForm(stream: Stream, ways: UnsubscribeWays): readonly FilterReason[] {
  if (stream !== 'marketing') return [];
  if (ways.url === null && ways.mailto === null)
    return [
      against(
        'no_list_unsubscribe',
        2,
        'Bulk mail without List-Unsubscribe: who wants out reports it as spam.',
      ),
    ];
  if (!ways.oneClick)
    return [
      against('no_one_click', 1, 'List-Unsubscribe-Post is missing: no one-click unsubscribe (RFC 8058).'),
    ];
  return [];
}
