function share(net){var u=encodeURIComponent(location.href),w=window.open('about:blank#'+net+'='+u,'share','width=600,height=420');return !w}
function ok(){document.cookie='seen=1;path=/';return false}
var hits={queue:[],started:new Date(2022,0,1),push:function(n,v){this.queue.push([n,v]);if(this.queue.length>20){this.queue.shift()}}};
hits.push('page',location.pathname);hits.push('ref',document.referrer);hits.push('screen',screen.width+'x'+screen.height);
(function(d){var s=[],i;for(i=0;i<d.length;i++){s.push(d[i].split('=')[0])}hits.push('cookies',s.join(','))})(document.cookie.split(';'));
