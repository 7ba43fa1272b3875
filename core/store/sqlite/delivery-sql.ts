/** A filter of deliveries as SQL conditions on `deliveries d`, `projects p` and `messages m`. Pure. */
import type { DeliveryFilter } from '../deliveries.ts';

export function deliverySql(filter: DeliveryFilter): {
  readonly where: string;
  readonly parameters: readonly (string | number)[];
} {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const equal = (column: string, value: string | null): void => {
    if (value === null) return;
    conditions.push(`${column} = ?`);
    parameters.push(value);
  };
  // Not as parameters, so that the indexes of what is queued and of what is held can be used.
  if (filter.status === 'queued') conditions.push("d.status = 'queued'");
  else equal('d.status', filter.status);
  equal('d.domain', filter.domain);
  if (filter.substatus === 'held') conditions.push("d.substatus = 'held'");
  else equal('d.substatus', filter.substatus);
  equal('d.provider', filter.provider);
  equal('d.stream', filter.stream);
  equal('d.carriage', filter.carriage);
  equal('d.waits_for', filter.waitsFor);
  if (filter.live != null) conditions.push(`d.live IS ${filter.live ? 'NOT ' : ''}NULL`);
  if (filter.project !== null) {
    conditions.push('d.project = (SELECT id FROM projects WHERE name = ?)');
    parameters.push(filter.project);
  }
  if (filter.messageId !== null) {
    conditions.push('d.message = (SELECT seq FROM messages WHERE id = ?)');
    parameters.push(filter.messageId);
  }
  if (filter.recipient !== null) {
    conditions.push('d.recipient = ? COLLATE NOCASE');
    parameters.push(filter.recipient);
  }
  if (filter.recipientContains !== null) {
    conditions.push("d.recipient LIKE ? ESCAPE '\\'");
    parameters.push(`%${filter.recipientContains.replaceAll(/[\\%_]/g, '\\$&')}%`);
  }
  if (filter.ids !== null) {
    conditions.push('d.id IN (SELECT value FROM json_each(?))');
    parameters.push(JSON.stringify(filter.ids));
  }
  if (filter.about != null) {
    conditions.push('d.about IN (SELECT value FROM json_each(?))');
    parameters.push(JSON.stringify(filter.about));
  }
  if (filter.user != null) {
    conditions.push('d.user_id = ? AND d.user_id IS NOT NULL');
    parameters.push(filter.user);
  }
  for (const [column, value] of [
    ['template', filter.template],
    ['topic', filter.topic],
    ['part_of', filter.partOf],
  ] as const) {
    if (value == null) continue;
    conditions.push(`d.message IN (SELECT seq FROM messages WHERE ${column} = ? AND ${column} IS NOT NULL)`);
    parameters.push(value);
  }
  if (filter.sinceMs != null) {
    conditions.push('d.created_at >= ?');
    parameters.push(filter.sinceMs);
  }
  if (filter.untilMs != null) {
    conditions.push('d.created_at < ?');
    parameters.push(filter.untilMs);
  }
  if (filter.tag !== null) {
    conditions.push(
      "m.tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(m.tags) t WHERE t.value = ? COLLATE NOCASE)",
    );
    parameters.push(filter.tag);
  }
  return { where: conditions.length === 0 ? '1' : conditions.join(' AND '), parameters };
}
