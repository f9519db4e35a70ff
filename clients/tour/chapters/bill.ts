/** The chapter about billing: the meters, and the offer for participants of the preview. */
import type { JsonObject } from '#shared/json.ts';
import { textOf } from '../arm-client.ts';
import type { Guide } from '../guide.ts';
import type { Place } from '../place.ts';

export async function readBill(guide: Guide, place: Place): Promise<void> {
  const { device, subscription } = place;
  await guide.chapter('The bill');
  guide.screen.say(
    'Two meters run: the device by the month, and Arc by the hour of each connected vCPU. Participants of the preview ask for the offer with a support request that has exactly these fields.',
  );
  await guide.jump('P3D', 'Three days pass.');
  const { body: answer } = await guide.call('POST', '/_edgetwin/supportRequests', {
    status: 201,
    body: {
      issueType: 'Billing',
      subscription,
      service: 'Azure Stack Edge',
      resource: device,
      summary: 'We have used Arc since its preview',
      problemType: 'Unexpected Charges',
      problemSubtype: 'Help me understand charges on my free trial',
    },
  });
  guide.screen.facts([['answer', `${textOf(answer.status)}: the offer previewNoCharge is on`]]);
  await guide.jump('P11D', 'Eleven days pass.');
  const path = `/_edgetwin/billing/invoices?subscription=${subscription}`;
  const { body } = await guide.call('GET', path);
  showInvoices(guide, body.value as JsonObject[], device);
}

/** Shows the device's lines; the subscription may have others. */
function showInvoices(guide: Guide, invoices: readonly JsonObject[], device: string): void {
  const rows = invoices.flatMap((invoice) =>
    (invoice.lines as JsonObject[])
      .filter((line) => line.resourceId === device)
      .map((line) => [
        textOf(invoice.period),
        textOf(line.meter),
        textOf(line.offer),
        `${Number(line.quantity).toFixed(2)} ${textOf(line.unit)}`,
        textOf(line.unitPrice),
        `${Number(line.cost).toFixed(2)} ${textOf(invoice.currency)}`,
      ]),
  );
  guide.screen.table(['month', 'meter', 'offer', 'quantity', 'price', 'cost'], rows);
  guide.screen.say(
    'The prices are placeholders; put your own into a file and name it in EDGETWIN_PRICES.',
    'dim',
  );
}
