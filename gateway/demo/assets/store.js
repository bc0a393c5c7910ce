(function(){var e=`application/graphql-response+json, application/json;q=0.9`;async function t(e,t,i,a){let o=performance.now(),s=t.toString(),c=/\b(?:query|mutation)\s+(\w+)/.exec(s)?.[1]??``,l=e.token===void 0?`GET`:`POST`,u=(e,t)=>({operation:c,method:l,status:e,durationMs:performance.now()-o,errors:t?.errors??[],explain:t?.extensions?.explain??null}),d=e.byId?t.__meta__?.documentId:void 0,f=d===void 0?{query:s.replace(/\s+/g,` `).trim()}:{documentId:String(d)};try{let t=AbortSignal.any([a,AbortSignal.timeout(12e3)]),o=await fetch(...n(e,f,i,t)),s=await o.json(),c=u(o.status,s);return s.data?{answer:{data:s.data,errors:s.errors??[]},trace:c}:{failure:r(o.status),trace:c}}catch{return a.throwIfAborted(),{failure:`unreachable`,trace:u(null,null)}}}function n(t,n,r,i){let a=new URL(t.endpoint,globalThis.location?.href);if(a.searchParams.set(`shop`,t.shop),t.token!==void 0){let o={Accept:e,Authorization:`Bearer ${t.token}`,"Content-Type":`application/json`};return t.explain&&(o[`X-Explain`]=`1`),[a,{method:`POST`,headers:o,body:JSON.stringify({...n,variables:r}),signal:i}]}for(let[e,t]of Object.entries(n))a.searchParams.set(e,t);let o=JSON.stringify(r);return o!==`{}`&&a.searchParams.set(`variables`,o),[a,{headers:{Accept:e},signal:i,credentials:`omit`}]}function r(e){return e===401?`signed-out`:e===429||e===503?`busy`:e>=500?`unreachable`:`refused`}function i(e,...t){let n=e.errors.find(({path:e})=>e?.every((e,n)=>n>=t.length||e===t[n])??!1);return n&&(n.extensions?.service??`gateway`)}var a=document.currentScript instanceof HTMLScriptElement?document.currentScript.src:location.href,o=new URL(`/graphql`,a).href,s=class{locale;#e;constructor(e){this.locale=e,this.#e=new Intl.NumberFormat(e)}number(e){return this.#e.format(e)}money({amount:e,currencyCode:t}){let n={style:`currency`,currency:t};return new Intl.NumberFormat(this.locale,n).format(Number(e))}date(e,t={day:`numeric`,month:`short`,year:`numeric`}){return new Intl.DateTimeFormat(this.locale,{...t,timeZone:`UTC`}).format(new Date(e))}};function c({count:e,unit:t}){let n=t.toLowerCase();return e===1?n:`${e} ${n}s`}function l(e,t){return{...e,amount:String(Math.round(Number(e.amount)*1e3*t)/1e3)}}var u={unreachable:`The shop does not answer at the moment. Check your connection, then try again.`,busy:`The shop is very busy at the moment. Try again in a few seconds.`,"signed-out":`Your session has ended. Sign in again to see it.`,refused:`This part of the page is set up wrongly, and the shop has refused it.`};function d(e,t={},...n){let r=document.createElement(e);for(let[e,n]of Object.entries(t))n!=null&&n!==!1&&(typeof n==`function`?r.addEventListener(e.slice(2),n):e.startsWith(`--`)?r.style.setProperty(e,String(n)):r.setAttribute(e,n===!0?``:String(n)));return r.append(...f(n)),r}function f(e){return e.flatMap(e=>e==null||e===!1?[]:e instanceof Node||typeof e==`string`?[e]:f(e))}function p(e){let t=document.getElementById(e);if(!t)throw Error(`The page has no #${e}.`);return t}function m(e,t){return d(`img`,{src:`/demo/pictures/${e??`gone`}.svg`,width:t,height:t,alt:``,loading:`lazy`})}function h(e){return(e??``).split(`/`).pop()?.replace(/(_\d+x\d+)?\.\w+$/,``)||`gone`}var g=new class extends String{__apiType;value;__meta__;constructor(e,t){super(e),this.value=e,this.__meta__=t}toString(){return this.value}}(`
    query Account {
  shop {
    customerPortal {
      canSkip
    }
  }
  customer {
    id
    firstName
    lastName
    email
    hasPaymentMethodInDunning
    subscriptions(first: 20, status: ACTIVE) {
      nodes {
        id
        productTitle
        variantTitle
        quantity
        price {
          amount
          currencyCode
        }
        nextChargeDate
        isSkippable
        deliveryInterval {
          unit
          count
        }
        product {
          id
          handle
        }
        address {
          id
          city
        }
        upcomingCharge {
          id
          scheduledDate
        }
        bundleSelection {
          id
          items {
            id
            quantity
            productVariant {
              id
              title
              image {
                url
                altText
              }
            }
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
    upcomingCharge {
      id
      scheduledDate
      totalPrice {
        amount
        currencyCode
      }
      lineItems {
        purchaseItemId
        title
        variantTitle
        quantity
        image {
          url
        }
        totalPrice {
          amount
          currencyCode
        }
      }
      address {
        id
        address1
        city
        zip
      }
    }
    credit {
      totalAvailable {
        amount
        currencyCode
      }
      appliesToNextCharge
    }
    loyalty {
      id
      pointsBalance
      tierStatus {
        tier {
          id
          name
        }
      }
    }
  }
}
    `,{documentId:`sha256:b3d16a3f98d06d41fbb3678c9dbc2f1ef4f603e1d9cb90cc4990cff36759d26f`}),_=JSON.parse(p(`page`).textContent??``);function v(e){document.cookie=`demo_shopper=${e}; path=/; max-age=86400; samesite=lax`,location.reload()}var y=5,b=new s(`en`),x=class{onTrace;#e=!1;#t=!1;#n=new AbortController;constructor(e){this.onTrace=e}set explain(e){this.#t=e}async refresh(){let e=document.getElementById(`overview`);if(!e||_.token===null)return;this.#n.abort(),this.#n=new AbortController,e.setAttribute(`aria-busy`,`true`);let n={endpoint:o,shop:_.shop,token:_.token,explain:this.#t};try{let{trace:r,...i}=await t(n,g,{},this.#n.signal);e.setAttribute(`aria-busy`,`false`),e.replaceChildren(...i.answer?this.#r(i.answer):[E(u[i.failure],()=>void this.refresh())]),this.onTrace(r)}catch{}}#r(e){let{customer:t}=e.data;return t?[t.hasPaymentMethodInDunning?d(`p`,{class:`notice`},`A payment failed, and is tried again. Check your card, so that nothing is held back.`):null,S(t,e),C(t,e),this.#i(t,e)].filter(e=>e!==null):[E(`The shop does not know you any more.`,()=>location.reload())]}#i({subscriptions:e},t){let n=d(`h2`,{},`Your subscriptions`);if(!e)return d(`section`,{},n,E(`They can’t be shown at the moment. Nothing is lost: they go on as planned.`,()=>void this.refresh()));let{nodes:r,pageInfo:i}=e;if(!r.length)return d(`section`,{},n,d(`p`,{class:`quiet`},`You have none yet. Choose “Subscribe and save” with any coffee.`));let a=r.map((e,n)=>w(e,t,n)),o=this.#e?a:a.slice(0,y),s=a.slice(o.length),c=d(`ul`,{class:`subscriptions`},o),l=s.length>0&&d(`button`,{type:`button`,class:`text-button more-button`,onclick:()=>{this.#e=!0,c.append(...s),(s[0]?.querySelector(`summary, button`))?.focus(),l.remove()}},`Show ${s.length}${i.hasNextPage?`+`:``} more`);return d(`section`,{class:`fresh`},n,c,l)}};function S(e,t){let n=e.upcomingCharge;if(!n)return i(t,`customer`,`upcomingCharge`)?d(`p`,{class:`notice`},`Your next delivery can’t be shown at the moment. It is on its way as planned.`):null;let{address:r,lineItems:a}=n;return d(`section`,{class:`next fresh`},d(`div`,{class:`next-head`},d(`h2`,{},`Next delivery`),d(`p`,{class:`when`},b.date(n.scheduledDate,{weekday:`long`,day:`numeric`,month:`long`}))),d(`ul`,{class:`next-lines`,tabindex:0,"aria-label":`In this delivery`},a.map(e=>{let t=m(h(e.image?.url),76);return t.alt=`${e.quantity} × ${e.title}`,t.title=t.alt,d(`li`,{},t)})),d(`p`,{class:`next-total`},d(`span`,{},`${a.length} ${a.length===1?`item`:`items`}${r?`, to ${r.address1}, ${r.city}`:``}`),d(`strong`,{},b.money(n.totalPrice))))}function C({credit:e,loyalty:t},n){let r=(e,...t)=>d(`div`,{},d(`dt`,{},e),d(`dd`,{},...t)),a=(e,...t)=>i(n,...t)?d(`span`,{class:`gap`},`Not to be had now`):e;return d(`dl`,{class:`facts fresh`},r(`Store credit`,e?b.money(e.totalAvailable):a(`None`,`customer`,`credit`),e?.appliesToNextCharge?d(`small`,{},` goes to the next order`):null),r(`Points`,t?b.number(t.pointsBalance):a(`None yet`,`customer`,`loyalty`),t?.tierStatus?.tier?d(`small`,{},` ${t.tierStatus.tier.name}`):null))}function w(e,t,n){let r=[`customer`,`subscriptions`,`nodes`,n],a=e.deliveryInterval?`Every ${c(e.deliveryInterval)}`:``,o=e.variantTitle===`Default Title`?null:e.variantTitle;return d(`li`,{class:`subscription`},m(e.product?.handle,80),d(`div`,{},d(`h3`,{},e.productTitle),d(`p`,{class:`quiet`},[e.quantity>1?`${e.quantity} ×`:null,o,a&&(o?`· ${a.toLowerCase()}`:a)].filter(Boolean).join(` `))),d(`p`,{class:`money`},b.money(e.price)),d(`div`,{class:`actions`},d(`span`,{class:`next-date`},e.nextChargeDate?`Next on ${b.date(e.nextChargeDate)}`:`Nothing planned`)),T(e,!!i(t,...r,`bundleSelection`)))}function T({bundleSelection:e,productTitle:t},n){return n?d(`p`,{class:`gap actions`},`What is in the box can’t be shown at the moment.`):e?d(`details`,{},d(`summary`,{},`${e.items.reduce((e,t)=>e+t.quantity,0)} in the box`,d(`span`,{class:`sr`},` ${t}`)),d(`ul`,{class:`in-box`},e.items.map(({quantity:e,productVariant:t})=>d(`li`,{},m(h(t?.image?.url),40),d(`span`,{},`${e} × ${t?.image?.altText??`No longer sold`}`))))):null}function E(e,t){return d(`div`,{class:`sorry`,role:`status`},d(`p`,{},e),d(`button`,{type:`button`,class:`button`,onclick:t},`Try again`))}function D(e){for(let t of document.querySelectorAll(`[data-shopper]`))t.addEventListener(`click`,()=>e(t.dataset.shopper??``))}var O=`aurora-cart`,k=new s(`en`);function A(){let e=p(`cart`);document.addEventListener(`rc-add-to-cart`,t=>{let n=location.pathname.split(`/`).at(-1)||`yirgacheffe-aricha`;N(j(M(),{...t.detail,handle:n})),e.showModal()}),p(`cart-button`).addEventListener(`click`,()=>e.showModal()),p(`cart-close`).addEventListener(`click`,()=>e.close()),e.addEventListener(`click`,t=>{t.target===e&&e.close()}),P(M())}function j(e,t){let n=e=>e.line.merchandiseId===t.line.merchandiseId&&e.line.sellingPlanId===t.line.sellingPlanId,r=e.find(n)?.line.quantity??0;return[...e.filter(e=>!n(e)),{...t,line:{...t.line,quantity:r+t.line.quantity}}]}function M(){return JSON.parse(sessionStorage.getItem(O)??`[]`)}function N(e){sessionStorage.setItem(O,JSON.stringify(e)),P(e)}function P(e){p(`cart-count`).textContent=String(e.reduce((e,t)=>e+t.line.quantity,0));let t=e.map(t=>d(`li`,{},m(t.handle,72),d(`span`,{class:`name`},t.title),d(`strong`,{},k.money(l(t.price,t.line.quantity))),d(`span`,{class:`quiet`},[`${t.line.quantity} ×`,t.variantTitle,t.planTitle&&`· ${t.planTitle}`].filter(Boolean).join(` `)),d(`button`,{type:`button`,class:`text-button`,onclick:()=>N(e.filter(e=>e!==t))},`Remove`,d(`span`,{class:`sr`},` ${t.title}`))));p(`cart-lines`).replaceChildren(...t.length?t:[d(`li`,{class:`none`},`Nothing in it yet.`)])}var F=[`subscriptions`,`bundles`,`loyalty`],I={well:`Well`,slow:`Slow`,failing:`Fails`,hanging:`Hangs`},L=`aurora-strip`,R={SubscriptionPicker:`<rc-subscription-picker>`,LoyaltyPanel:`<rc-loyalty-panel>`,Account:`account overview`},z=class{watched;#e=new Map;#t=d(`div`,{class:`traces`,"aria-live":`polite`});#n=d(`p`,{class:`last`});#r=d(`ul`,{class:`health`,"aria-label":`Backends`});#i=new Map(F.map(e=>[e,this.#l(e)]));#a;#o;constructor(e){this.watched=e,this.#a=d(`div`,{class:`strip-body`,id:`strip-body`},this.#c(),d(`div`,{},d(`h2`,{},`REST calls behind each answer`),this.#t)),this.#o=d(`button`,{type:`button`,class:`strip-open`,"aria-controls":`strip-body`,onclick:()=>this.#s(this.#a.hidden!==!1)},`Behind the page `,d(`span`,{class:`chevron`,"aria-hidden":!0},`▴`)),p(`strip`).append(d(`div`,{class:`strip-bar`},this.#o,this.#r,this.#n),this.#a),this.#s(sessionStorage.getItem(L)===`yes`),this.#d()}saw(e){this.#e.set(e.operation,e),this.#t.replaceChildren(...[...this.#e.values()].map(e=>this.#f(e)));let t=e.explain?`, ${e.explain.calls.length} REST calls`:``;this.#n.textContent=`${R[e.operation]??e.operation}: ${e.method} in ${B(e.durationMs)}${t}`}#s(e){this.#a.hidden=!e,this.#o.setAttribute(`aria-expanded`,String(e)),sessionStorage.setItem(L,e?`yes`:`no`),this.watched.explain(e)}#c(){let e=d(`select`,{id:`shopper`,onchange:()=>v(e.value)},d(`option`,{value:`guest`,selected:_.shopper===null},`A visitor, not signed in`),_.shoppers.map(({id:e,name:t})=>d(`option`,{value:e,selected:e===_.shopper},t)));return d(`div`,{},d(`div`,{class:`field`},d(`label`,{for:`shopper`},`You are`),e),d(`h2`,{},`How the backends do`),[...this.#i.values()].map(e=>e.field),d(`p`,{class:`quiet`},`The page asks again after each change. More in the `,d(`a`,{href:`/explorer`},`explorer`),`.`))}#l(e){let t=d(`p`,{class:`said`,role:`status`}),n=Object.entries(I).map(([t,n])=>d(`label`,{},d(`input`,{type:`radio`,name:e,value:t,onchange:()=>void this.#u(e,t)}),d(`span`,{},n))),r=d(`fieldset`,{class:`modes`,"data-service":e},d(`legend`,{},e),d(`div`,{},n),t);return{field:r,show:e=>{for(let t of r.querySelectorAll(`input`))t.checked=t.value===e;t.textContent=e===`gone`?`Its process has ended: start the demo anew.`:``}}}async#u(e,t){await fetch(`/demo/faults/${e}`,{method:`PUT`,headers:{"Content-Type":`application/json`},body:JSON.stringify({mode:t})}),await this.#d(),this.watched.refresh()}async#d(){let e=await(await fetch(`/demo/faults`)).json();for(let t of F)this.#i.get(t)?.show(e[t]??`gone`);this.#r.replaceChildren(...F.map(t=>{let n=e[t]??`gone`;return d(`li`,{"data-mode":n},d(`span`,{class:`dot`,"aria-hidden":!0}),t,d(`span`,{class:`word`},n===`well`?``:n),n===`well`&&d(`span`,{class:`sr`},` does well`))}))}#f(e){let t=e.explain?.calls??[],n=Math.max(e.explain?.durationMs??0,...t.map(e=>e.startedMs+e.durationMs),.01),r=e=>`${e/n*100}%`,i=[...new Set(e.errors.map(e=>e.extensions?.service??e.extensions?.code??e.message))],a=e.errors.length===1?`1 field is`:`${e.errors.length} fields are`;return d(`section`,{class:`trace`},d(`h3`,{},R[e.operation]??e.operation,` `,d(`span`,{},`${e.method} /graphql · ${e.status??`no answer`} · ${B(e.durationMs)}`)),i.length>0&&d(`p`,{class:`wrong`},`${i.join(` and `)} failed: ${a} null, all others are there.`),e.explain===null?d(`p`,{class:`quiet`},`Asked as any visitor does, without a session: nobody is told which calls were behind it. Choose a shopper to see them.`):d(`ol`,{class:`calls`},t.length===0?d(`li`,{class:`quiet`},`No backend was asked.`):t.map(e=>d(`li`,{"data-service":e.service},d(`span`,{class:`call`,title:`${e.service}: ${e.request}`},e.request),d(`span`,{class:e.status===null||e.status>=400?`bad`:null},e.status===null?`none`:String(e.status)),d(`span`,{class:`track`,"aria-hidden":!0},d(`span`,{"--start":r(e.startedMs),"--length":r(e.durationMs)})),d(`span`,{class:`ms`},B(e.durationMs))))))}},B=e=>`${e<10?e.toFixed(1):Math.round(e)} ms`,V=()=>[...document.querySelectorAll(`rc-subscription-picker, rc-loyalty-panel`)];A(),D(v);var H,U=new x(e=>H?.saw(e));document.addEventListener(`rc-answer`,e=>H?.saw(e.detail)),H=new z({refresh:()=>{for(let e of V())e.refresh?.();U.refresh()},explain:e=>{for(let t of V())t.toggleAttribute(`explain`,e);U.explain=e,H&&U.refresh()}}),U.refresh()})();