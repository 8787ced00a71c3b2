<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Controls</name>
    <message>
        <source>Stop
(Space)</source>
        <translation>停止
(空格)</translation>
    </message>
    <message>
        <source>Stop inspection (Space)</source>
        <translation>停止检测 (空格)</translation>
    </message>
    <message>
        <source>Start
(Space)</source>
        <translation>开始
(空格)</translation>
    </message>
    <message>
        <source>Start inspection (Space)</source>
        <translation>开始检测 (空格)</translation>
    </message>
    <message>
        <source>Trigger
(T)</source>
        <translation>触发
(T)</translation>
    </message>
</context>
<context>
    <name>FilmStrip</name>
    <message>
        <source>LAST REJECTS</source>
        <translation>最近剔除件</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>暂无</translation>
    </message>
</context>
<context>
    <name>HeatmapPanel</name>
    <message>
        <source>Heatmap (H)</source>
        <translation>热力图 (H)</translation>
    </message>
    <message>
        <source>Image (H)</source>
        <translation>原图 (H)</translation>
    </message>
    <message>
        <source>strength {percent} %</source>
        <translation>强度 {percent} %</translation>
    </message>
    <message>
        <source>heatmap off</source>
        <translation>热力图已关闭</translation>
    </message>
    <message>
        <source>limit</source>
        <translation>限值</translation>
    </message>
</context>
<context>
    <name>ImageView</name>
    <message>
        <source>Part {number} · {time}</source>
        <translation>工件 {number} · {time}</translation>
    </message>
</context>
<context>
    <name>InspectPage</name>
    <message>
        <source>Display frozen, {n} new · inspection goes on</source>
        <translation>画面已冻结，新增 {n} 件 · 检测继续进行</translation>
    </message>
    <message>
        <source>No image yet</source>
        <translation>尚无图像</translation>
    </message>
    <message>
        <source>Part {number} has no image</source>
        <translation>工件 {number} 没有图像</translation>
    </message>
    <message>
        <source>Waiting for the first part</source>
        <translation>等待第一个工件</translation>
    </message>
    <message>
        <source>Waiting for a trigger for {n} s</source>
        <translation>等待触发已 {n} 秒</translation>
    </message>
    <message>
        <source>No decision for {n} s</source>
        <translation>已有 {n} 秒没有判定</translation>
    </message>
    <message>
        <source>Inspection is stopped</source>
        <translation>检测已停止</translation>
    </message>
    <message>
        <source>Inspection is starting</source>
        <translation>检测正在启动</translation>
    </message>
    <message>
        <source>Camera lost; nothing is inspected</source>
        <translation>相机断开，未进行检测</translation>
    </message>
    <message>
        <source>All images are inspected</source>
        <translation>所有图像已检测完毕</translation>
    </message>
    <message>
        <source>Inspection failed; nothing is inspected</source>
        <translation>检测出现故障，未进行检测</translation>
    </message>
    <message>
        <source>CAMERA LOST</source>
        <translation>相机断开</translation>
    </message>
    <message>
        <source>INSPECTION FAILED</source>
        <translation>检测故障</translation>
    </message>
    <message>
        <source>Resume (Esc)</source>
        <translation>恢复 (Esc)</translation>
    </message>
    <message>
        <source>OK (Esc)</source>
        <translation>确定 (Esc)</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>The limits of the product apply from the next part on.</source>
        <translation>该产品的限值从下一个工件起生效。</translation>
    </message>
    <message>
        <source>Trigger mode</source>
        <translation>触发模式</translation>
    </message>
    <message>
        <source>Free running: the newest image is inspected, others are passed over and counted. Software trigger: every trigger gets one decision.</source>
        <translation>连续采集：检测最新的图像，其余图像跳过并计数。软件触发：每次触发得到一个判定。</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Reset the counters of this shift?</source>
        <translation>将本班计数清零？</translation>
    </message>
    <message>
        <source>All counters go to zero. Inspection goes on; records stay.</source>
        <translation>所有计数归零。检测继续进行，记录保留。</translation>
    </message>
    <message>
        <source>Reset counters</source>
        <translation>计数清零</translation>
    </message>
    <message>
        <source>Cancel (Esc)</source>
        <translation>取消 (Esc)</translation>
    </message>
</context>
<context>
    <name>ScoreCard</name>
    <message>
        <source>raw distance</source>
        <translation>原始距离</translation>
    </message>
    <message>
        <source>not scaled</source>
        <translation>未换算</translation>
    </message>
    <message>
        <source>tap for the score</source>
        <translation>点按显示分数</translation>
    </message>
    <message>
        <source>anomaly score</source>
        <translation>异常分数</translation>
    </message>
    <message>
        <source>of 100</source>
        <translation>满分 100</translation>
    </message>
    <message>
        <source>tap for raw distance</source>
        <translation>点按显示原始距离</translation>
    </message>
    <message>
        <source>accept {low} · reject {high}</source>
        <translation>合格 {low} · 剔除 {high}</translation>
    </message>
    <message>
        <source>limit {high}</source>
        <translation>限值 {high}</translation>
    </message>
</context>
<context>
    <name>ShiftCard</name>
    <message>
        <source>since {time}</source>
        <translation>自 {time} 起</translation>
    </message>
    <message>
        <source>cycle min / mean / max  {figures} s</source>
        <translation>节拍 最小 / 平均 / 最大  {figures} 秒</translation>
    </message>
    <message>
        <source>THIS SHIFT</source>
        <translation>本班</translation>
    </message>
    <message>
        <source>Reset (R)</source>
        <translation>清零 (R)</translation>
    </message>
    <message>
        <source>inspected</source>
        <translation>已检测</translation>
    </message>
    <message>
        <source>pass</source>
        <translation>合格</translation>
    </message>
    <message>
        <source>review</source>
        <translation>复核</translation>
    </message>
    <message>
        <source>fail</source>
        <translation>不合格</translation>
    </message>
    <message>
        <source>error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>triggered</source>
        <translation>已触发</translation>
    </message>
    <message>
        <source>passed over</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>yield</source>
        <translation>合格率</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>none · {state}</source>
        <translation>无 · {state}</translation>
    </message>
    <message>
        <source>{n} saved</source>
        <translation>已保存 {n}</translation>
    </message>
    <message>
        <source>{n} not saved</source>
        <translation>未保存 {n}</translation>
    </message>
    <message>
        <source>Rejects kept in {folder}</source>
        <translation>剔除件保存于 {folder}</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Acquired</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>Inspected</source>
        <translation>检测</translation>
    </message>
    <message>
        <source>Passed over</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Latency p50 / p99</source>
        <translation>延迟 p50 / p99</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>运行后端</translation>
    </message>
    <message>
        <source>Runtime · reference</source>
        <translation>运行后端 · 参考实现</translation>
    </message>
    <message>
        <source>Runtime · differs ≤ {n} σ</source>
        <translation>运行后端 · 偏差 ≤ {n} σ</translation>
    </message>
    <message>
        <source>Free disk</source>
        <translation>磁盘剩余</translation>
    </message>
    <message>
        <source>Not inspected</source>
        <translation>未检测</translation>
    </message>
</context>
<context>
    <name>Text</name>
    <message>
        <source>PASS</source>
        <translation>合格</translation>
    </message>
    <message>
        <source>REVIEW</source>
        <translation>复核</translation>
    </message>
    <message>
        <source>FAIL</source>
        <translation>不合格</translation>
    </message>
    <message>
        <source>ERROR</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>LIVE</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>SIMULATED CAMERA</source>
        <translation>模拟相机</translation>
    </message>
    <message>
        <source>FILE</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>camera lost</source>
        <translation>相机断开</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Free running</source>
        <translation>连续采集</translation>
    </message>
    <message>
        <source>Software trigger</source>
        <translation>软件触发</translation>
    </message>
    <message>
        <source>Nothing above the limit</source>
        <translation>没有超过限值之处</translation>
    </message>
    <message>
        <source>Between accept and reject limit</source>
        <translation>介于合格限与剔除限之间</translation>
    </message>
    <message>
        <source>Score above the reject limit</source>
        <translation>分数超过剔除限</translation>
    </message>
    <message>
        <source>The camera was lost; part not inspected</source>
        <translation>相机断开，工件未检测</translation>
    </message>
    <message>
        <source>The camera sent no image in time; part not inspected</source>
        <translation>相机未按时送出图像，工件未检测</translation>
    </message>
    <message>
        <source>The model could not judge the image; part not inspected</source>
        <translation>模型无法判断该图像，工件未检测</translation>
    </message>
    <message>
        <source>The image was lost on the way; part not inspected</source>
        <translation>图像在传输中丢失，工件未检测</translation>
    </message>
    <message>
        <source>Too many parts were waiting; part not inspected</source>
        <translation>等待的工件过多，该工件未检测</translation>
    </message>
    <message>
        <source>Stopped before the part was inspected</source>
        <translation>工件检测前已停止</translation>
    </message>
    <message>
        <source>The image could not be stored</source>
        <translation>图像无法保存</translation>
    </message>
    <message>
        <source>Anomaly at the centre, {area}</source>
        <translation>中心处异常，{area}</translation>
    </message>
    <message>
        <source>{n} px</source>
        <translation>{n} 像素</translation>
    </message>
    <message>
        <source>Anomaly at {hour} o&apos;clock, {area}</source>
        <translation>{hour} 点钟方向异常，{area}</translation>
    </message>
    <message>
        <source> · {n} more</source>
        <translation> · 另有 {n} 处</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Product (P)</source>
        <translation>产品 (P)</translation>
    </message>
    <message>
        <source>Trigger mode (M)</source>
        <translation>触发模式 (M)</translation>
    </message>
    <message>
        <source>NO CAMERA</source>
        <translation>无相机</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Model (V)</source>
        <translation>模型 (V)</translation>
    </message>
    <message>
        <source>{version} is being prepared… (V)</source>
        <translation>正在准备 {version}… (V)</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Light or dark</source>
        <translation>浅色或深色</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
</context>
<context>
    <name>TrendChart</name>
    <message>
        <source>EWMA of accepted parts {value}</source>
        <translation>合格件 EWMA {value}</translation>
    </message>
    <message>
        <source>ANOMALY SCORE · LAST 500 PARTS · LIMIT 50</source>
        <translation>异常分数 · 最近 500 件 · 限值 50</translation>
    </message>
</context>
<context>
    <name>VersionChooser</name>
    <message>
        <source>Versions of {model}</source>
        <translation>{model} 的版本</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Back to {version}</source>
        <translation>退回 {version}</translation>
    </message>
    <message>
        <source>The version that is chosen takes over between two parts.</source>
        <translation>所选版本在两个工件之间接替。</translation>
    </message>
    <message>
        <source>There is no version at this station.</source>
        <translation>本工位没有任何版本。</translation>
    </message>
    <message>
        <source>{version} · cannot be used</source>
        <translation>{version} · 无法使用</translation>
    </message>
    <message>
        <source>Tap to read why.</source>
        <translation>点按查看原因。</translation>
    </message>
    <message>
        <source>{version} · in use</source>
        <translation>{version} · 使用中</translation>
    </message>
    <message>
        <source>{version} · active, not in use yet</source>
        <translation>{version} · 已启用，尚未接替</translation>
    </message>
    <message>
        <source>1 product</source>
        <translation>1 种产品</translation>
    </message>
    <message>
        <source>{n} products</source>
        <translation>{n} 种产品</translation>
    </message>
    <message>
        <source>It does not say what changed.</source>
        <translation>未说明有何更改。</translation>
    </message>
    <message>
        <source>{version} does not know the product “{product}”; choose a product that it knows first.</source>
        <translation>{version} 不认识产品“{product}”，请先选择它认识的产品。</translation>
    </message>
    <message>
        <source>It takes over between two parts; inspection goes on. Its limits may differ from those of {running}.</source>
        <translation>它在两个工件之间接替，检测继续进行。其限值可能与 {running} 不同。</translation>
    </message>
    <message>
        <source>Change to {version}?</source>
        <translation>更换为 {version}？</translation>
    </message>
    <message>
        <source>Change to {version}</source>
        <translation>更换为 {version}</translation>
    </message>
    <message>
        <source>Another change is being written; try again in a moment.</source>
        <translation>另一项更改正在写入，请稍后再试。</translation>
    </message>
    <message>
        <source>The versions cannot be read or changed: {reason}</source>
        <translation>无法读取或更改版本：{reason}</translation>
    </message>
    <message>
        <source>{version} was chosen but has not taken over; {running} goes on inspecting. The log says why. Choose {running} again, or restart the station.</source>
        <translation>已选择 {version}，但它尚未接替，{running} 继续检测。原因见日志。请重新选择 {running}，或重新启动工位。</translation>
    </message>
</context>
<context>
    <name>VerdictTile</name>
    <message>
        <source>last: {verdict}</source>
        <translation>上次：{verdict}</translation>
    </message>
    <message>
        <source>FROZEN · part {number}</source>
        <translation>已冻结 · 工件 {number}</translation>
    </message>
</context>
</TS>
