import { Button, NativeSelect, Switch } from '@mantine/core';
import type { SendingDomain } from '../../../core/api/schema.ts';
import { changeDomain } from '../api/domains.ts';
import classes from './domains-room.module.css';
import { type DomainFault, switches, switchGroups } from './switches.ts';
import { useDomainAction } from './use-domain-action.ts';

const policies: readonly { readonly value: SendingDomain['dmarc']['policy']; readonly label: string }[] = [
  { value: 'none', label: 'none: only watch' },
  { value: 'quarantine', label: 'quarantine: to spam' },
  { value: 'reject', label: 'reject: refuse it' },
];
const alignments: readonly { readonly value: SendingDomain['dmarc']['alignment']; readonly label: string }[] =
  [
    { value: 'relaxed', label: 'relaxed: sub-domains count' },
    { value: 'strict', label: 'strict: the very same name' },
  ];

const signers: readonly { readonly value: SendingDomain['signWith']; readonly label: string }[] = [
  { value: 'both', label: 'RSA and Ed25519' },
  { value: 'rsa-sha256', label: 'RSA alone, as most senders do' },
  { value: 'ed25519-sha256', label: 'Ed25519 alone' },
];

/** The policy, what signs, and what is broken on purpose. */
export function DomainSwitches({ domain }: { readonly domain: SendingDomain }) {
  const act = useDomainAction();
  const change = (next: Parameters<typeof changeDomain>[1]) =>
    void act(changeDomain(domain.name, next), { failed: 'The domain could not be changed' });
  const turn = (fault: DomainFault, on: boolean) =>
    change({
      faults: on ? [...domain.faults, fault] : domain.faults.filter((other) => other !== fault),
    });
  return (
    <section className={classes.part} aria-label="Break it">
      <div className={classes.head}>
        <div className={classes.about}>
          <h2 className={classes.heading}>Break it</h2>
          <p className={classes.hint}>
            Each switch makes one thing wrong, as it goes wrong outside. Any number at a time.
          </p>
        </div>
        {domain.faults.length > 0 && (
          <Button variant="default" onClick={() => change({ faults: [] })}>
            Mend everything
          </Button>
        )}
      </div>
      <div className={classes.columns}>
        {switchGroups.map((group) => (
          <fieldset key={group} className={classes.group}>
            <legend>{group}</legend>
            {group === 'DKIM' && (
              <NativeSelect
                label="Sign with"
                value={domain.signWith}
                data={[...signers]}
                onChange={(event) => {
                  const chosen = signers.find((one) => one.value === event.currentTarget.value);
                  if (chosen !== undefined) change({ signWith: chosen.value });
                }}
              />
            )}
            {group === 'DMARC' && (
              <div className={classes.row}>
                <NativeSelect
                  label="Policy"
                  value={domain.dmarc.policy}
                  data={[...policies]}
                  onChange={(event) => {
                    const chosen = policies.find((one) => one.value === event.currentTarget.value);
                    if (chosen !== undefined) change({ dmarc: { policy: chosen.value } });
                  }}
                />
                <NativeSelect
                  label="Alignment"
                  value={domain.dmarc.alignment}
                  data={[...alignments]}
                  onChange={(event) => {
                    const chosen = alignments.find((one) => one.value === event.currentTarget.value);
                    if (chosen !== undefined) change({ dmarc: { alignment: chosen.value } });
                  }}
                />
              </div>
            )}
            {faultsOf(group).map((fault) => (
              <Switch
                key={fault}
                label={switches[fault].label}
                description={switches[fault].consequence}
                styles={{ description: { fontSize: 12 } }}
                checked={domain.faults.includes(fault)}
                onChange={(event) => turn(fault, event.currentTarget.checked)}
              />
            ))}
          </fieldset>
        ))}
      </div>
    </section>
  );
}

function faultsOf(group: (typeof switchGroups)[number]): readonly DomainFault[] {
  return faults.filter((fault) => switches[fault].group === group);
}

const isFault = (key: string): key is DomainFault => key in switches;
const faults = Object.keys(switches).filter(isFault);
