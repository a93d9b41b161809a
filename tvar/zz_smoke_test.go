package tvar_test
import ("testing";"context";"sync";"fmt"
"github.com/rinse-go/rinse/stm";"github.com/rinse-go/rinse/tvar")
var ctx=context.Background()
func TestSmoke(t *testing.T){
 a:=tvar.New(0); b:=tvar.New(100, tvar.Name("b"))
 var wg sync.WaitGroup
 for g:=0;g<8;g++{ wg.Go(func(){ for i:=0;i<20000;i++{ stm.Atomically(ctx, func(tx *stm.Tx) error { a.Set(tx,a.Get(tx)+1); b.Set(tx,b.Get(tx)-1); return nil}) } }) }
 wg.Go(func(){ for i:=0;i<2000;i++{ n:=0; stm.View(ctx, func(tx *stm.Tx) error { n++; if a.Get(tx)+b.Get(tx)!=100 {t.Error("torn")}; return nil}); if n>2 {t.Error(n)} } })
 wg.Go(func(){ for i:=0;i<100;i++{ c:=stm.Checkout(); if a.Get(c)+b.Get(c)!=100 {t.Error("torn")}; if i%2==0 {b.Set(c, b.Get(c)+0)}; _,err:=c.Commit(); c.Discard(); if i==2 {fmt.Println(err)} } })
 wg.Wait()
 if a.Load()!=160000 {t.Fatal(a.Load())}
 fmt.Printf("%+v\n", stm.Default().Stats())
}
func BenchmarkCounter(b *testing.B){ b.ReportAllocs(); v:=tvar.New(0); for b.Loop(){ stm.Atomically(ctx, func(tx *stm.Tx) error { v.Set(tx,v.Get(tx)+1); return nil}) } }
func BenchmarkUpdate(b *testing.B){ b.ReportAllocs(); v:=tvar.New(0); for b.Loop(){ v.Update(func(x int) int {return x+1}) } }
func BenchmarkStore(b *testing.B){ b.ReportAllocs(); v:=tvar.New(0); for b.Loop(){ v.Store(5) } }
func BenchmarkLoad(b *testing.B){ v:=tvar.New(0); n:=0; for b.Loop(){ n+=v.Load() } }
func BenchmarkTransfer(b *testing.B){ b.ReportAllocs(); var vs [1024]tvar.TVar[int]; x:=uint64(1); for b.Loop(){ x^=x<<13;x^=x>>7;x^=x<<17; p,q:=&vs[x%1024],&vs[(x>>20)%1024]; stm.Atomically(ctx, func(tx *stm.Tx) error { p.Set(tx,p.Get(tx)+1);q.Set(tx,q.Get(tx)-1); return nil}) } }
func BenchmarkRead1(b *testing.B){ b.ReportAllocs(); v:=tvar.New(0); n:=0; for b.Loop(){ stm.View(ctx, func(tx *stm.Tx) error { n+=v.Get(tx); return nil}) } }
func BenchmarkRead16(b *testing.B){ b.ReportAllocs(); var vs [16]tvar.TVar[int]; n:=0; for b.Loop(){ stm.View(ctx, func(tx *stm.Tx) error { for i:=range vs {n+=vs[i].Get(tx)}; return nil}) } }
func BenchmarkCounterPar(b *testing.B){ v:=tvar.New(0); b.RunParallel(func(pb *testing.PB){ for pb.Next(){ stm.Atomically(ctx, func(tx *stm.Tx) error { v.Set(tx,v.Get(tx)+1); return nil}) } }) }
func BenchmarkCounterPar8(b *testing.B){ b.SetParallelism(4); v:=tvar.New(0); b.RunParallel(func(pb *testing.PB){ for pb.Next(){ stm.Atomically(ctx, func(tx *stm.Tx) error { v.Set(tx,v.Get(tx)+1); return nil}) } }) }
func BenchmarkUpdatePar(b *testing.B){ v:=tvar.New(0); b.RunParallel(func(pb *testing.PB){ for pb.Next(){ v.Update(func(x int) int {return x+1}) } }) }
func BenchmarkMutex(b *testing.B){ var mu sync.Mutex; n:=0; for b.Loop(){ mu.Lock(); n++; mu.Unlock() } }
func BenchmarkRWMutex(b *testing.B){ var mu sync.RWMutex; n:=0; for b.Loop(){ mu.RLock(); n++; mu.RUnlock() } }
