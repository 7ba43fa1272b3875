import { ActionIcon, Table, Tooltip } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { SendingDomain } from '../../../core/api/schema.ts';
import { removeKey } from '../api/domains.ts';
import { formatDateTime } from '../format.ts';
import classes from './domains-room.module.css';
import { useDomainAction } from './use-domain-action.ts';

/** The keys: those that sign, and older ones that mail on its way may still need. */
export function DomainKeys({ domain }: { readonly domain: SendingDomain }) {
  const act = useDomainAction();
  return (
    <section className={classes.part} aria-label="Keys">
      <h2 className={classes.heading}>Keys</h2>
      <p className={classes.hint}>
        Each message is signed with both kinds: RSA for everybody, Ed25519 for those who know it.
      </p>
      <Table withRowBorders verticalSpacing={4} fz={13}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Selector</Table.Th>
            <Table.Th>Kind</Table.Th>
            <Table.Th>Made</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {domain.keys.map((key) => (
            <Table.Tr key={key.selector}>
              <Table.Td>
                <code>{key.selector}</code>
              </Table.Td>
              <Table.Td>{key.algorithm === 'rsa-sha256' ? 'RSA 2048' : 'Ed25519'}</Table.Td>
              <Table.Td>{formatDateTime(key.createdAt)}</Table.Td>
              <Table.Td>{key.active ? 'signs' : 'published, signs no more'}</Table.Td>
              <Table.Td ta="right">
                {!key.active && (
                  <Tooltip label="Remove">
                    <ActionIcon
                      size={22}
                      aria-label={`Remove the key ${key.selector}`}
                      onClick={() =>
                        void act(removeKey(domain.name, key.selector), {
                          failed: 'The key could not be removed',
                        })
                      }
                    >
                      <IconTrash size={14} aria-hidden />
                    </ActionIcon>
                  </Tooltip>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
