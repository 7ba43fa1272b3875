/** The scenarios that come with Sandpost. The same stand as files in docs/scenarios. */
import type { Scenario } from '../scenario.ts';
import { badMondayAtGmail } from './bad-monday-at-gmail.ts';
import { badWiFiInTheApp } from './bad-wi-fi-in-the-app.ts';
import { everythingButInAppIsDown } from './everything-but-in-app-is-down.ts';
import { launchDayOnIos } from './launch-day-on-ios.ts';
import { listFullOfDeadAddresses } from './list-full-of-dead-addresses.ts';
import { newDomainWarmUp } from './new-domain-warm-up.ts';
import { verificationCodesOnABadDay } from './verification-codes-on-a-bad-day.ts';

export function exampleScenarios(): readonly Scenario[] {
  return [
    badMondayAtGmail,
    newDomainWarmUp,
    listFullOfDeadAddresses,
    launchDayOnIos,
    verificationCodesOnABadDay,
    badWiFiInTheApp,
    everythingButInAppIsDown,
  ];
}
