import SqliteDatabase from 'better-sqlite3';
const stats=new Map();globalThis.__stats=stats;
const proto=SqliteDatabase.prototype;const {prepare}=proto;
proto.prepare=function(sql){const st=prepare.call(this,sql);for(const m of ['all','run','get']){const f=st[m].bind(st);st[m]=(...a)=>{const t=process.hrtime.bigint();try{return f(...a);}finally{const s=stats.get(sql)??[0,0];s[0]++;s[1]+=Number(process.hrtime.bigint()-t);stats.set(sql,s);}};}return st;};
globalThis.__dump=(label,n)=>{console.log('---',label);for(const [k,[c,t]] of [...stats].sort((a,b)=>b[1][1]-a[1][1]).slice(0,22))console.log((c/n).toFixed(2).padStart(7),(t/1e3/n).toFixed(1).padStart(8)+'us/op',(t/1e3/c).toFixed(1).padStart(7)+'us',k.replace(/"/g,'').slice(0,120));stats.clear();};
