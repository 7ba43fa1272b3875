/** One mail transaction (RFC 5321 §3.3): from MAIL to the end of the data, or to what breaks it off. */
import type { Parameters } from './command.ts';
import type { Envelope } from './session-ports.ts';

export class Transaction {
  /** The sender as MAIL named it, whatever that was answered; empty for the null sender. */
  named: string | null = null;
  #from: { readonly address: string; readonly parameters: Parameters } | null = null;
  #to: string[] = [];
  #rcptParameters: Parameters[] = [];

  /** MAIL was accepted. */
  get begun(): boolean {
    return this.#from !== null;
  }

  /** Its addresses may be in UTF-8 (RFC 6531). */
  get utf8(): boolean {
    return this.#from?.parameters.SMTPUTF8 === true;
  }

  /** Those accepted so far. */
  get recipients(): readonly string[] {
    return this.#to;
  }

  begin(address: string, parameters: Parameters): void {
    this.#from = { address, parameters };
  }

  add(address: string, parameters: Parameters): void {
    this.#to.push(address);
    this.#rcptParameters.push(parameters);
  }

  /** It is over: what it came to. */
  take(): Envelope {
    const mail = this.#from?.parameters ?? {};
    const any =
      Object.keys(mail).length > 0 || this.#rcptParameters.some((one) => Object.keys(one).length > 0);
    const envelope: Envelope = {
      from: this.#from?.address ?? '',
      to: this.#to,
      parameters: any ? { mail, rcpt: this.#rcptParameters } : null,
    };
    this.reset();
    return envelope;
  }

  reset(): void {
    this.#from = null;
    this.named = null;
    this.#to = [];
    this.#rcptParameters = [];
  }
}
