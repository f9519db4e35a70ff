import { buildService } from '/work/wt/store/src/app.ts';
import { readConfig } from '/work/wt/store/src/config.ts';
import { pino } from 'pino';
import { mkdtempSync } from 'node:fs';
const config = readConfig({ EDGETWIN_DATA: process.env.PLACE ?? mkdtempSync('/tmp/prof-'), EDGETWIN_CLOCK: 'frozen', EDGETWIN_CLOCK_START: '2026-03-02T09:00:00Z', EDGETWIN_SEED: 'x', EDGETWIN_LOG_LEVEL: 'fatal', ...(process.env.DATABASE_URL?{DATABASE_URL:process.env.DATABASE_URL}:{}) });
const service = await buildService({ config, log: pino({ level: "warn" }), freshId: crypto.randomUUID() });
const door = service.door;
const S='/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g';
const V='api-version=2023-12-01';
const inj=async(method,url,payload)=>{const r=await door.inject({method,url:url+(url.includes('?')?'&':'?')+V,payload});if(r.statusCode>=400)throw new Error(method+url+r.statusCode+r.body);return r;};
await door.inject({method:'PUT',url:S+'?api-version=2021-04-01',payload:{location:'eastus'}});
const D=i=>`${S}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/e${i}`;
const N=Number(process.env.DEVICES??100), M=Number(process.env.PUTS??2000);
for(let i=0;i<N;i++)await inj('PUT',D(i),{location:'eastus',sku:{name:'EdgeP_Base'}});
const c=JSON.parse((await inj('POST',D(0)+'/generateCertificate')).body).publicKey;
for(let i=0;i<N;i++)await inj('POST',D(i)+'/uploadCertificate',{properties:{certificate:c}});
await service.pump.advance(600000);
const SHARE={properties:{shareStatus:'OK',monitoringStatus:'Enabled',accessProtocol:'NFS',clientAccessRights:[{client:'10.0.0.1',accessPermission:'ReadWrite'}],dataPolicy:'Local'}};
async function measure(name,count,fn,conc=25){globalThis.__stats?.clear();const t=process.hrtime.bigint(),c0=process.cpuUsage();let n=0;const w=async()=>{while(n<count){const i=n++;await fn(i);}};await Promise.all(Array.from({length:conc},w));const cpu=process.cpuUsage(c0);const s=Number(process.hrtime.bigint()-t)/1e9;globalThis.__dump?.(name,count);console.log(name,count,'cpu us/op',((cpu.user+cpu.system)/count).toFixed(0),'wall/s',(count/s).toFixed(0));}
await measure('GET device',20,i=>inj('GET',D(i%N)));
await measure('list 20',10,i=>inj('GET',`${S}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`+'?$top=20'));
let statements=0;
await measure('PUT share accept(+start)',M,i=>inj('PUT',`${D(i%N)}/shares/s-${Math.floor(i/N)}`,SHARE));
await measure('settle started',M,async i=>{if(i===0)await service.pump.settle();},1);
{const t=process.hrtime.bigint(),c0=process.cpuUsage();await service.pump.advance(600000);const cpu=process.cpuUsage(c0);globalThis.__dump?.('finish',M);console.log('finish',M,'cpu us/op',((cpu.user+cpu.system)/M).toFixed(0),'wall/s',(M/(Number(process.hrtime.bigint()-t)/1e9)).toFixed(0));}
console.log((await service.database.reader.selectFrom('operations').select(['status',e=>e.fn.countAll().as('n')]).groupBy('status').execute()));
await service.close();
