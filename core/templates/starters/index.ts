/** Templates to begin with: each speaks on all four channels. */
import { passwordReset } from './password-reset.ts';
import { receipt } from './receipt.ts';
import { shipped } from './shipped.ts';
import type { StarterTemplate } from './starter.ts';
import { verificationCode } from './verification-code.ts';
import { weeklyDigest } from './weekly-digest.ts';
import { welcome } from './welcome.ts';

export const starterTemplates: readonly StarterTemplate[] = [
  welcome,
  verificationCode,
  receipt,
  passwordReset,
  shipped,
  weeklyDigest,
];
